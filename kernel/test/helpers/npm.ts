// A kernel with a stand-in registry, and what its `%npm` cells show.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { expect } from '@jest/globals'
import { isObject } from '../../src/protocol/json.ts'
import type { Answer } from './client.ts'
import type { Registry } from './registry.ts'
import { bundles } from './shown.ts'
import { open, start } from './started.ts'
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
  // npm tells the programs that it runs, such as this test, whose settings and cache are used.
  const own = mkdtempSync(join(tmpdir(), 'jupyterpost-npm-'))
  open.push({ close: () => rmSync(own, { recursive: true, force: true, maxRetries: 5 }) })
  const kernel = await start({
    env: {
      npm_config_registry: registry.url,
      npm_config_cache: join(own, 'cache'),
      npm_config_userconfig: join(own, 'npmrc'),
      npm_config_fetch_retries: '0',
      ...env,
    },
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
      const [bundle] = bundles(await run(code), 'execute_result')
      return plain(bundle)
    },
    manifest() {
      const content: unknown = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
      if (!isObject(content)) throw new Error('package.json is no object')
      return content
    },
  }
}

/** What the line that changes said, in turn. */
export function lines({ iopub }: Answer): unknown[] {
  return iopub
    .filter(({ header }) => /^(?:update_)?display_data$/.test(header.msg_type))
    .map(({ content }) => plain(content['data']))
}

function plain(bundle: unknown): unknown {
  return isObject(bundle) ? bundle['text/plain'] : undefined
}
