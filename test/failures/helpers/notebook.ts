// A separate kernel process, and what a person sees of a cell: its error, or the text below it.
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { Client } from '../../../kernel/test/helpers/client.ts'
import type { Answer } from '../../../kernel/test/helpers/client.ts'
import { spawnKernel } from '../../../kernel/test/helpers/kernel.ts'
import type { Folder } from '../../../service/test/helpers/relay.ts'

export interface Seen {
  status: unknown
  /** Name of the error, if it is one. */
  ename: unknown
  /** The error's message, or all that was shown. */
  text: string
}

export interface Notebook extends AsyncDisposable {
  client: Client
  run(code: string): Promise<Seen>
  /** Posts that wait on disk. */
  waiting(): string[]
}

/** @param env - Added to the folder's, which is its home; nothing else from the test's own. */
export async function openNotebook(folder: Folder, env: NodeJS.ProcessEnv): Promise<Notebook> {
  const kernel = await spawnKernel({ env: { ...folder.env, ...env } })
  const client = await new Client(kernel.connection).connect()
  return {
    client,
    run: async (code) => seen(await client.execute(code)),
    waiting() {
      const state = join(folder.path, 'state', 'jupyterpost')
      return readdirSync(state, { recursive: true, encoding: 'utf8' }).filter((name) =>
        name.endsWith('.post'),
      )
    },
    async [Symbol.asyncDispose]() {
      client.close()
      await kernel.close()
    },
  }
}

export function seen({ reply, iopub }: Answer): Seen {
  const { status, ename, evalue } = reply.content
  const shown = iopub
    .filter(({ header }) => ['stream', 'display_data', 'execute_result'].includes(header.msg_type))
    .map(({ content }) => content['text'] ?? plain(content['data']))
  return { status, ename, text: typeof evalue === 'string' ? evalue : shown.join('\n') }
}

function plain(data: unknown): unknown {
  return typeof data === 'object' && data !== null && 'text/plain' in data ? data['text/plain'] : ''
}
