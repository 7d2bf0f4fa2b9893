// Shift+Tab and `name?` over the wire: what the checker knows of a cell that has not run, with what
// the runtime holds.
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import type { Client } from '../helpers/client.ts'
import { closeAll, start } from '../helpers/started.ts'
import { TYPES, inspect, untilTyped } from '../helpers/typing.ts'

let client: Client

beforeAll(async () => {
  ;({ client } = await start({ env: TYPES }))
  await client.execute(`/** The point of all. */
    const point = { alpha: 1 }
    /**
     * Makes a pair.
     * @param first - comes first
     * @param second - comes second
     */
    function pair<T>(first: T, second = 2): [T, number] { return [first, second] }
    function over(a: string): 'one'
    function over(a: number, b: boolean): 'two'
    function over(a: unknown): unknown { return a }
    class Box { constructor(public held: number, lid?: boolean) {} }`)
  await untilTyped(client)
})

afterAll(closeAll)

test.each([
  ['poin¦t', ['const point: {', 'alpha: number', 'The point of all.', '{ alpha: 1 }']],
  ['pair¦', ['function pair<T>(first: T, second?: number): [T, number]', 'Makes a pair.']],
  ['pair¦', ['@param `first` - comes first']],
  ['new Box(1).he¦ld', ['(property) Box.held: number']],
  ['const typed = pair(new Date())\ntyped¦', ['const typed: [Date, number]']],
  ['(x: string) => x.toUpper¦Case()', ['toUpperCase(): string', 'uppercase']],
  ['"😀"; poin¦t', ['const point: {']],
  ['disp¦lay', ['const display: Display']],
  ['Math.max¦', ['max(...values: number[]): number']],
])('%s', async (cell, texts) => {
  const found = await inspect(client, cell)
  for (const text of texts) expect(found?.plain).toContain(text)
  expect(found?.plain).not.toContain('```')
  expect(found?.plain).not.toContain('(alias)')
  expect(found?.markdown).toContain('```typescript')
})

test.each([
  ['pair(¦', 'pair(first: unknown, second?: number): [', 'first: unknown'],
  ['pair("", ¦', 'pair(first: string, second?: number): [', 'second?: number'],
  ['over(1, ¦', 'over(a: number, b: boolean): "two"', 'b: boolean'],
  ['new Box(1, ¦', 'Box(held: number, lid?: boolean): Box', 'lid?: boolean'],
  ['JSON.stringify({}, null, ¦', 'stringify(value: any', 'space?: string | number'],
  ['pair(\n  1,\n  ¦\n)', 'pair(first: number', 'second?: number'],
])('inside the parentheses of %j the parameter is marked', async (cell, signature, parameter) => {
  const found = await inspect(client, cell)
  expect(found?.plain).toContain(signature)
  expect(found?.markdown).toContain(`**\`${parameter}`)
})

test('the parameter is explained, and other overloads are listed', async () => {
  expect((await inspect(client, 'pair("", ¦'))?.plain).toContain('second?: number` - comes second')
  expect((await inspect(client, 'over("¦'))?.plain).toContain('over(a: number, b: boolean): "two"')
})

test('level 1 adds the source, level 0 does not', async () => {
  expect((await inspect(client, 'pair¦', 1))?.plain).toContain('return [first, second]')
  expect((await inspect(client, 'pair¦', 0))?.plain).not.toContain('return')
})

test('a name that the cell declares itself has not the value of the earlier one', async () => {
  const found = await inspect(client, 'const point = "mine"\npoin¦t')
  expect(found?.plain).toBe('const point: "mine"')
})

test('nothing is found where nothing is known', async () => {
  expect(await inspect(client, 'zz_no_such_thi¦ng')).toBeUndefined()
})

test('name? shows the type and the value', async () => {
  const { reply } = await client.execute('point?')
  expect(JSON.stringify(reply.content['payload'])).toContain('alpha: number')
})
