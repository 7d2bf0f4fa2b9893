// `%npm` through the whole kernel: the real npm, with a stand-in registry.
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals'
import type { Answer } from '../helpers/client.ts'
import { startRegistry } from '../helpers/registry.ts'
import type { Registry } from '../helpers/registry.ts'
import { bundles, textOf } from '../helpers/shown.ts'
import { closeAll, start } from '../helpers/started.ts'
import type { Started } from '../helpers/started.ts'

let registry: Registry
let kernel: Started
let folder: string

beforeAll(async () => {
  registry = await startRegistry()
  const code = (text: string) => ({ 'index.js': text })
  registry.publish('plain', '1.0.0', code('module.exports = "plain 1"'))
  registry.publish('plain', '1.2.0', code('module.exports = "plain 1.2"'))
  registry.publish('plain', '2.0.0', code('module.exports = "plain 2"'))
  registry.publish('@types/plain', '1.0.1', { 'index.d.ts': 'declare const x: 1\nexport = x' })
  registry.publish('@types/plain', '2.0.3', { 'index.d.ts': 'declare const x: 2\nexport = x' })
  const typed = { 'index.js': 'export const one = 1', 'index.d.ts': 'export const one: 1' }
  registry.publish('typed', '3.0.0', typed, { type: 'module', types: 'index.d.ts' })
  registry.publish('@scope/it', '0.1.0', code('module.exports = "scoped"'))
  registry.publish('needs', '1.0.0', {}, { peerDependencies: { plain: '^2' } })
})

beforeEach(async () => {
  kernel = await startWith()
  folder = dirname(kernel.file)
})

afterEach(closeAll)
afterAll(() => registry.close())

function startWith(env: NodeJS.ProcessEnv = {}): Promise<Started> {
  return start({
    env: { NPM_CONFIG_REGISTRY: registry.url, NPM_CONFIG_FETCH_RETRIES: '0', ...env },
  })
}

async function run(code: string): Promise<Answer> {
  const answer = await kernel.client.execute(code)
  expect(answer.reply.content).toMatchObject({ status: 'ok' })
  return answer
}

function manifest(at = folder): Record<string, unknown> {
  return JSON.parse(readFileSync(join(at, 'package.json'), 'utf8')) as Record<string, unknown>
}

/** What the line that changes says in the end. */
function lastLine({ iopub }: Answer): unknown {
  const shown = iopub.filter(({ header }) => /^(?:update_)?display_data$/.test(header.msg_type))
  return (shown.at(-1)?.content['data'] as Record<string, unknown>)['text/plain']
}

test('without a project one is made in the folder; packages can be used in the next cell', async () => {
  const answer = await run('%npm add plain typed @scope/it')
  expect(textOf(answer)).toBe(`Installing into ${folder}/package.json ...\n`)
  expect(lastLine(answer)).toMatch(
    /^Installed @scope\/it 0\.1\.0, plain 2\.0\.0, typed 3\.0\.0, @types\/plain 2\.0\.3 \(3 packages, [\d.]+ s\)$/,
  )
  expect(manifest()).toEqual({
    private: true,
    type: 'module',
    dependencies: { '@scope/it': '^0.1.0', plain: '^2.0.0', typed: '^3.0.0' },
    devDependencies: { '@types/plain': '^2.0.3' },
  })
  const used = await run(
    "import plain from 'plain'\nimport { one } from 'typed'\nimport it from '@scope/it'\n[plain, one, it].join()",
  )
  expect(bundles(used, 'execute_result')).toEqual([{ 'text/plain': "'plain 2,1,scoped'" }])
})
