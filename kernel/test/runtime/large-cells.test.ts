// Data that people paste into a cell: too many elements for code that puts one on the stack, or
// into a call's arguments, for each.
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { compileSafely } from '../../src/cell/canary.ts'
import { TestRuntime } from '../helpers/runtime.ts'

let notebook: TestRuntime
beforeAll(() => {
  notebook = new TestRuntime()
})
afterAll(() => notebook.close())

const list = (count: number, item: (index: number) => string, between = ',') =>
  Array.from({ length: count }, (_none, index) => item(index)).join(between)
const MB = 2 ** 20
const row = (index: number) =>
  `{"id":${index},"name":"${'name '.repeat(10)}${index}","values":[${index},${index / 3}]}`

test.each<[string, string, string]>([
  ['an array of 125,000 numbers', `[${list(125_000, String)}].length`, '125000'],
  [
    '130,000 rows',
    `const rows: unknown[][] = [\n${list(130_000, (n) => `[${n}, "a"]`, ',\n')}\n]; rows.length`,
    '130000',
  ],
  [
    'an object of 130,000 keys',
    `Object.keys({ ${list(130_000, (n) => `k${n}: ${n}`)} }).length`,
    '130000',
  ],
  [
    'a chain of 5,000 calls',
    `const f = { a() { return this } }; f${'.a()'.repeat(5000)} === f`,
    'true',
  ],
  ['5,000 calls of what was called', `const g = () => g; g${'()'.repeat(5000)} === g`, 'true'],
  ['a sum of 20,000 terms', list(20_000, () => '1', ' + '), '20000'],
  ['a call of 60,000 arguments', `Math.max(${list(60_000, String)})`, '59999'],
  [
    '70,000 names of one pattern',
    `const [${list(70_000, (n) => `d${n}`)}] = new Array(70_000).fill(7); d69999`,
    '7',
  ],
  [
    '20,000 functions',
    `${list(20_000, (n) => `function h${n}() { return ${n} }`, '\n')}\nh19999()`,
    '19999',
  ],
  ['a template of 60,000 parts', `\`${list(60_000, () => '${1}', '')}\`.length`, '60000'],
])('a cell of %s runs', async (_what, source, shown) => {
  expect(await valueOf(source)).toBe(shown)
})

test('a cell of 10 MB of data runs', async () => {
  const source = `const data = [${list(105_000, row)}]; data.length`
  expect(source.length).toBeGreaterThan(10 * MB)
  expect(await valueOf(source)).toBe('105000')
}, 120_000)

let count = 0

async function valueOf(source: string): Promise<unknown> {
  count += 1
  const filename = join(notebook.cwd, `large_${count}.ts`)
  const cell = await compileSafely(source, { filename, magics: new Map() })
  const id = `large-${count}`
  const options = { silent: false, allowStdin: false, executionCount: count, storeHistory: false }
  const outcome = await notebook.runtime.execute(cell, id, options)
  expect(outcome).toEqual({ status: 'ok' })
  const shown = notebook.outputs.findLast((output) => output.type === 'execute_result')
  return shown?.cellId === id ? shown.content.data['text/plain'] : undefined
}
