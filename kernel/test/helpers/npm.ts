// A kernel with a stand-in registry, and what its `%npm` cells show.
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect } from '@jest/globals'
import type { Answer } from './client.ts'
import type { Registry } from './registry.ts'
import { bundles } from './shown.ts'
import { start } from './started.ts'
import type { Started } from './started.ts'

export interface NpmKernel extends Started {
  /** Of the notebook. */
  folder: string
  /** Runs a cell that succeeds. */
  run(code: string): Promise<Answer>
  /** Runs a cell that fails with an error of this name; its message. */
  fail(code: string, name?: string): Promise<string>
  /** The value of a cell, as text. */
  value(code: string): Promise<unknown>
  manifest(): Record<string, unknown>
}

export async function startWith(
  registry: Registry,
  env: NodeJS.ProcessEnv = {},
  notebook?: string,
): Promise<NpmKernel> {
  const kernel = await start({
    env: { NPM_CONFIG_REGISTRY: registry.url, NPM_CONFIG_FETCH_RETRIES: '0', ...env },
    ...(notebook === undefined ? {} : { notebook }),
  })
  const folder = notebook ?? dirname(kernel.file)
  const run = async (code: string): Promise<Answer> => {
    const answer = await kernel.client.execute(code)
    expect(answer.reply.content).toMatchObject({ status: 'ok' })
    return answer
  }
  return {
    ...kernel,
    folder,
    run,
    async fail(code, name = 'NpmError') {
      const { reply } = await kernel.client.execute(code)
      expect(reply.content).toMatchObject({ status: 'error', ename: name })
      return String(reply.content['evalue'])
    },
    async value(code) {
      const [bundle] = bundles(await run(code), 'execute_result') as Array<Record<string, unknown>>
      return bundle?.['text/plain']
    },
    manifest: () =>
      JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Record<string, unknown>,
  }
}

/** What the line that changes said, in turn. */
export function lines({ iopub }: Answer): unknown[] {
  return iopub
    .filter(({ header }) => /^(?:update_)?display_data$/.test(header.msg_type))
    .map(({ content }) => (content['data'] as Record<string, unknown>)['text/plain'])
}
