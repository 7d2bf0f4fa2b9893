// A kernel and the folder of its notebook, for cells that import files of it.
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import type { Client } from './client.ts'
import { bundles, textOf } from './shown.ts'
import { start } from './started.ts'

export class NotebookFolder {
  readonly path: string
  readonly client: Client

  constructor(path: string, client: Client) {
    this.path = path
    this.client = client
  }

  static async open(
    files: Readonly<Record<string, string | Buffer>> = {},
    options: Parameters<typeof start>[0] = {},
  ): Promise<NotebookFolder> {
    const { client, file } = await start(options)
    const folder = new NotebookFolder(dirname(file), client)
    folder.write(files)
    return folder
  }

  write(files: Readonly<Record<string, string | Buffer>>): void {
    for (const [path, text] of Object.entries(files)) {
      const file = join(this.path, path)
      mkdirSync(dirname(file), { recursive: true })
      writeFileSync(file, text)
    }
  }

  /** What a cell shows: its value as text, else what it printed, else its error. */
  async shown(code: string): Promise<string> {
    const answer = await this.client.execute(code)
    const { content } = answer.reply
    if (content['status'] === 'error') {
      return stripVTControlCharacters(`${String(content['ename'])}: ${String(content['evalue'])}`)
    }
    const [bundle] = bundles(answer, 'execute_result')
    const text: unknown =
      typeof bundle === 'object' && bundle !== null ? Reflect.get(bundle, 'text/plain') : undefined
    return typeof text === 'string' ? text : textOf(answer)
  }

  /** What a cell prints on stderr. */
  async notices(code: string): Promise<string> {
    return textOf(await this.client.execute(code), 'stderr')
  }

  /** The traceback of a cell that fails. */
  async traceback(code: string): Promise<string> {
    const { reply } = await this.client.execute(code)
    const lines = reply.content['traceback']
    return stripVTControlCharacters(Array.isArray(lines) ? lines.join('\n') : '')
  }
}
