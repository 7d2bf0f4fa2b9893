// TypeScript itself, asked about real files in a real folder: what an editor would show there.
import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import {
  StreamMessageReader,
  StreamMessageWriter,
  createMessageConnection,
} from 'vscode-jsonrpc/node'
import { typescriptProgram, typesFolder } from '../../../src/language/typescript/program.ts'

/** That of a folder without a project, as a person would write it who wants what cells have. */
const TSCONFIG = {
  compilerOptions: {
    strict: true,
    noImplicitAny: false,
    useUnknownInCatchVariables: false,
    target: 'esnext',
    lib: ['esnext'],
    module: 'esnext',
    moduleResolution: 'bundler',
    moduleDetection: 'force',
    types: ['node'],
    allowImportingTsExtensions: true,
    resolveJsonModule: true,
    noEmit: true,
  },
}

interface Position {
  line: number
  character: number
}

export interface Item {
  label: string
  kind?: number
  sortText?: string
  insertText?: string
  detail?: string
  textEdit?: { newText: string }
}

export interface Help {
  signatures: Array<{
    label: string
    parameters?: Array<{ label: string }>
    activeParameter?: number
  }>
  activeSignature?: number
  activeParameter?: number
}

export interface Found {
  /** 1 is an error. */
  severity: number
  code: number
  message: string
  range: { start: Position }
}

export interface Reference extends AsyncDisposable {
  complete(text: string, offset: number): Promise<Item[]>
  resolve(item: Item): Promise<Item>
  hover(text: string, offset: number): Promise<string>
  signature(text: string, offset: number): Promise<Help | null>
  diagnostics(text: string): Promise<Found[]>
}

export async function openReference(
  files: Readonly<Record<string, string>> = {},
): Promise<Reference> {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'jupyterpost-reference-')))
  // A project has Node's types among its own packages.
  const types = 'node_modules/@types'
  mkdirSync(join(folder, 'node_modules'))
  symlinkSync(typesFolder(), join(folder, types))
  const all = { 'tsconfig.json': JSON.stringify(TSCONFIG), ...files }
  for (const [name, text] of Object.entries(all)) {
    const path = join(folder, name)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, text)
  }
  const file = join(folder, 'cells.ts')
  writeFileSync(file, '')
  const uri = pathToFileURL(file).href
  const child = spawn(typescriptProgram(), ['--lsp', '--stdio'], {
    cwd: folder,
    stdio: ['pipe', 'pipe', 'ignore'],
  })
  const connection = createMessageConnection(
    new StreamMessageReader(child.stdout),
    new StreamMessageWriter(child.stdin),
  )
  connection.onRequest('workspace/configuration', ({ items }: { items: unknown[] }) =>
    items.map(() => ({ suggest: { autoImports: false } })),
  )
  connection.onRequest('client/registerCapability', () => null)
  connection.listen()
  const format = { contentFormat: ['markdown'] }
  await connection.sendRequest('initialize', {
    processId: process.pid,
    rootUri: pathToFileURL(folder).href,
    capabilities: {
      workspace: { configuration: true },
      textDocument: {
        hover: format,
        signatureHelp: { signatureInformation: { activeParameterSupport: true } },
        diagnostic: {},
      },
    },
  })
  await connection.sendNotification('initialized', {})
  let version = 0
  const show = async (text: string): Promise<void> => {
    version += 1
    const change = { textDocument: { uri, version }, contentChanges: [{ text }] }
    const open = { textDocument: { uri, version, languageId: 'typescript', text } }
    await connection.sendNotification(
      `textDocument/did${version === 1 ? 'Open' : 'Change'}`,
      version === 1 ? open : change,
    )
  }
  const ask = async <Answer>(kind: string, text: string, offset: number): Promise<Answer> => {
    await show(text)
    return connection.sendRequest<Answer>(`textDocument/${kind}`, {
      textDocument: { uri },
      position: positionOf(text, offset),
    })
  }
  return {
    async complete(text, offset) {
      const answer = await ask<{ items: Item[] } | Item[] | null>('completion', text, offset)
      return Array.isArray(answer) ? answer : (answer?.items ?? [])
    },
    resolve: (item) => connection.sendRequest<Item>('completionItem/resolve', item),
    async hover(text, offset) {
      const answer = await ask<{ contents: { value: string } } | null>('hover', text, offset)
      return (answer?.contents.value ?? '').replaceAll(folder, 'FOLDER')
    },
    signature: (text, offset) => ask<Help | null>('signatureHelp', text, offset),
    async diagnostics(text) {
      const { items } = await ask<{ items: Found[] }>('diagnostic', text, 0)
      return items.filter(({ severity }) => severity === 1)
    },
    async [Symbol.asyncDispose]() {
      connection.dispose()
      child.kill('SIGKILL')
      rmSync(folder, { recursive: true, force: true })
      return Promise.resolve()
    },
  }
}

export function positionOf(text: string, offset: number): Position {
  const before = text.slice(0, offset).split('\n')
  return { line: before.length - 1, character: before.at(-1)?.length ?? 0 }
}
