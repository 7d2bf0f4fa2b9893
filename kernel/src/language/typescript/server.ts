// The one file that talks to TypeScript's language server, `tsc --lsp --stdio`: a process that
// checks virtual documents. It ends with this process, also after a SIGKILL, because its standard
// input ends.
import { spawn } from 'node:child_process'
import type { ChildProcessByStdio } from 'node:child_process'
import { once } from 'node:events'
import { connect } from 'node:net'
import { setPriority } from 'node:os'
import type { Readable, Writable } from 'node:stream'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import {
  StreamMessageReader,
  StreamMessageWriter,
  createMessageConnection,
} from 'vscode-jsonrpc/node'
import type { MessageConnection } from 'vscode-jsonrpc/node'
import { languageOf } from '../../cell/parse.ts'
import { CAPABILITIES } from './messages.ts'
import type {
  CompletionAnswer,
  CompletionItem,
  FileEvent,
  Hover,
  Position,
  ServerDiagnostic,
  SignatureHelp,
} from './messages.ts'
import { TypeSession } from './session.ts'

/** Below that of cells, which are what a person waits for. */
const PRIORITY = 5
/** Go collects garbage more often above this much memory. */
const SOFT_LIMIT = '160MiB'
/** In a list of changed files. */
const CHANGED = 2

export interface ServerOptions {
  /** TypeScript's program. */
  program: string
  /** Of the notebook, where its documents seem to be. */
  folder: string
  /** Name of the configuration among the documents. */
  configuration: string
  /** Name -> text; the first are the configuration and all that it lists. */
  documents: Readonly<Record<string, string>>
  /** Names of those that hold the text of cells, and maybe JSX. */
  cells: readonly string[]
}

export class TypeScriptServer {
  readonly #process: ChildProcessByStdio<Writable, Readable, null>
  readonly #connection: MessageConnection
  readonly #versions = new Map<string, { version: number; text: string; languageId: string }>()
  readonly #cells: readonly string[]
  readonly #folder: string
  readonly #documents: Readonly<Record<string, string>>
  #session: Promise<TypeSession> | undefined
  /** Resolves when the process is gone. */
  readonly exited: Promise<unknown>

  constructor({ program, folder, configuration, documents, cells }: ServerOptions) {
    this.#cells = cells
    this.#folder = folder
    this.#documents = documents
    const child = spawn(program, ['--lsp', '--stdio'], {
      cwd: folder,
      // Without PATH it finds no npm: nobody asked for packages to be installed.
      env: { ...process.env, PATH: '', GOMEMLIMIT: SOFT_LIMIT },
      stdio: ['pipe', 'pipe', 'ignore'],
      // An interrupt of the whole process group is for the cell.
      detached: true,
    })
    this.#process = child
    this.exited = Promise.race([once(child, 'exit'), once(child, 'error').catch(() => undefined)])
    // Writing to a process that just died fails; `exited` says so.
    child.stdin.on('error', () => undefined)
    if (child.pid !== undefined) lowerPriority(child.pid)
    const connection = connectionOver(child.stdout, child.stdin)
    this.#connection = connection
    void this.exited.then(() => connection.dispose())
    const settings = {
      customConfigFileName: configuration,
      suggest: { autoImports: false },
      tsserver: { automaticTypeAcquisition: { enabled: false } },
      disableAutomaticTypeAcquisition: true,
    }
    connection.onRequest('workspace/configuration', ({ items }: { items: unknown[] }) =>
      items.map(() => settings),
    )
    connection.onRequest('client/registerCapability', () => null)
    connection.listen()
  }

  get isAlive(): boolean {
    return (
      this.pid !== undefined && this.#process.exitCode === null && this.#process.signalCode === null
    )
  }

  get pid(): number | undefined {
    return this.#process.pid
  }

  async initialize(): Promise<void> {
    await this.#connection.sendRequest('initialize', {
      processId: process.pid,
      rootUri: String(pathToFileURL(this.#folder)),
      workspaceFolders: null,
      capabilities: CAPABILITIES,
    })
    this.#notify('initialized', {})
    for (const [name, text] of Object.entries(this.#documents)) this.write(name, text)
  }

  /** Gives a document this text. */
  write(name: string, text: string): void {
    const uri = this.#uri(name)
    const known = this.#versions.get(name)
    if (known?.text === text) return
    const version = (known?.version ?? 0) + 1
    const languageId = this.#languageId(name, text)
    this.#versions.set(name, { version, text, languageId })
    if (known && known.languageId !== languageId) {
      this.#notify('textDocument/didClose', { textDocument: { uri } })
    }
    if (known?.languageId === languageId) {
      const textDocument = { uri, version }
      this.#notify('textDocument/didChange', { textDocument, contentChanges: [{ text }] })
    } else {
      this.#notify('textDocument/didOpen', { textDocument: { uri, languageId, version, text } })
    }
  }

  /** It looks into `node_modules` again only if it is told. @param folder - Of the project. */
  packagesChanged(folder: string): void {
    const paths = ['package.json', 'node_modules', 'node_modules/.package-lock.json']
    this.changed(paths.map((name) => ({ path: join(folder, name), type: CHANGED })))
  }

  /** The folder's configuration was written. @param text - Of the document that extends it. */
  configure(name: string, text: string, files: readonly string[]): void {
    this.changed(files.map((path) => ({ path, type: CHANGED })))
    this.write(name, text)
  }

  /** A cell with JSX is read as such, whatever its name. */
  #languageId(name: string, text: string): string {
    if (name.endsWith('.json')) return 'json'
    const isJsx = this.#cells.includes(name) && languageOf(text) === 'tsx'
    return isJsx ? 'typescriptreact' : 'typescript'
  }

  /** What the server has read of these is old. */
  changed(events: readonly FileEvent[]): void {
    if (events.length === 0) return
    const changes = events.map(({ path, type }) => ({ uri: String(pathToFileURL(path)), type }))
    this.#notify('workspace/didChangeWatchedFiles', { changes })
  }

  async complete(name: string, position: Position): Promise<CompletionItem[]> {
    const answer = await this.#ask<CompletionAnswer>('completion', name, position)
    return Array.isArray(answer) ? answer : (answer?.items ?? [])
  }

  /** The item with its detail. */
  resolve(item: CompletionItem): Promise<CompletionItem> {
    return this.#connection.sendRequest<CompletionItem>('completionItem/resolve', item)
  }

  hover(name: string, position: Position): Promise<Hover | null> {
    return this.#ask<Hover | null>('hover', name, position)
  }

  signature(name: string, position: Position): Promise<SignatureHelp | null> {
    return this.#ask<SignatureHelp | null>('signatureHelp', name, position)
  }

  async diagnose(name: string): Promise<ServerDiagnostic[]> {
    const { items } = await this.#connection.sendRequest<{ items: ServerDiagnostic[] }>(
      'textDocument/diagnostic',
      { textDocument: { uri: this.#uri(name) } },
    )
    return items
  }

  /** The session, which knows types themselves: a second way into the same process. */
  session(): Promise<TypeSession> {
    this.#session ??= this.#openSession()
    return this.#session
  }

  /** Resolves when the process is gone. */
  async kill(): Promise<void> {
    this.#process.kill('SIGKILL')
    await this.exited
  }

  #ask<Answer>(kind: string, name: string, position: Position): Promise<Answer> {
    return this.#connection.sendRequest<Answer>(`textDocument/${kind}`, {
      textDocument: { uri: this.#uri(name) },
      position,
    })
  }

  async #openSession(): Promise<TypeSession> {
    const answer = await this.#connection.sendRequest<{ pipe: string }>(
      'custom/initializeAPISession',
      {},
    )
    const socket = connect(answer.pipe)
    // Its end is the end of the process.
    socket.on('error', () => undefined)
    const connection = connectionOver(socket, socket)
    void this.exited.then(() => socket.destroy())
    void this.exited.then(() => connection.dispose())
    connection.listen()
    await connection.sendRequest('initialize', null)
    return new TypeSession(connection, (name) => this.#uri(name))
  }

  #notify(method: string, params: object): void {
    // Rejects once the process is gone; the next request finds another one.
    this.#connection.sendNotification(method, params).catch(() => undefined)
  }

  #uri(name: string): string {
    return `${String(pathToFileURL(this.#folder))}/${encodeURIComponent(name)}`
  }
}

function connectionOver(input: Readable, output: Writable): MessageConnection {
  const connection = createMessageConnection(
    new StreamMessageReader(input),
    new StreamMessageWriter(output),
  )
  // A broken connection is found by `exited`; without a listener it would end this process.
  connection.onError(() => undefined)
  return connection
}

function lowerPriority(pid: number): void {
  try {
    setPriority(pid, PRIORITY)
  } catch (error) {
    // ESRCH: it ended at once. EPERM: this system does not allow it.
    if (!Error.isError(error)) throw error
  }
}
