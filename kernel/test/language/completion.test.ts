// Tab in a cell that has not run, over the wire: each case asserts what only the checker knows.
import { writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import type { Client } from '../helpers/client.ts'
import { closeAll, start } from '../helpers/started.ts'
import { TYPES, complete, untilTyped } from '../helpers/typing.ts'
import type { Match } from '../helpers/typing.ts'

let client: Client
let folder: string

beforeAll(async () => {
  const kernel = await start({ env: TYPES })
  folder = dirname(kernel.file)
  client = kernel.client
  for (const cell of EARLIER) {
    const { reply } = await client.execute(cell)
    if (reply.content['status'] !== 'ok')
      throw new Error(`${cell}: ${String(reply.content['evalue'])}`)
  }
  await untilTyped(client)
})

afterAll(closeAll)

const EARLIER = [
  `import { join } from 'node:path'
   import type { Stats } from 'node:fs'
   import * as fs from 'node:fs/promises'`,
  `/** The point. */
   const point = { alpha: 1, beta: 'x' }
   let maybe: { gamma: number } | undefined
   const { beta, ...others } = point`,
  `class Base<T> { inherited = 1; constructor(public held: T) {} far(x: number) { return join('a') } }
   class Derived extends Base<string> { own = 2; near() { return this } static made = 3 }
   interface Shape { kind: 'circle' | 'square'; side?: number }
   type Names = keyof typeof point
   enum Colour { Red, Green }
   namespace Space { export const inside = { deep: 1 } }`,
  `async function made(a: number, b: 'left' | 'right' = 'left') { return [{ first: a }, b] as const }
   function over(a: string): { text: string }
   function over(a: number): { count: number }
   function over(a: unknown) { return a as never }
   function generic<T>(x: T) { return { boxed: x, point } }
   const isShape = (x: unknown): x is Shape => true`,
  'const Chart = ({ width }: { width: number }) => <p>{width}</p>',
  `let changed = 'text'`,
  `changed = 'other'`,
  `let again = 'text'`,
  `let again = { numbers: [1] }`,
  `%%post lab --preview
   const belowMagic = { posted: true }`,
]

const MEMBERS: ReadonlyArray<readonly [cell: string, expected: string[]]> = [
  ['const p: { zeta: number; eta: 1 } = null!; p.¦', ['zeta', 'eta']],
  ['point.¦', ['alpha', 'beta']],
  ['const one = <p title={point.¦}>x</p>', ['alpha', 'beta']],
  ['<Chart wid¦', ['width']],
  ['<Chart width={1} />; point.¦', ['alpha', 'beta']],
  ['document.createElementN¦', ['createElementNS']],
  ['document.body.firstElementChild?.inne¦', ['innerHTML']],
  ['maybe?.¦', ['gamma']],
  ['others.¦', ['alpha']],
  ['beta.toUpp¦', ['toUpperCase']],
  ['new Derived("").held.toLowerC¦', ['toLowerCase']],
  ['new Derived("").near().near().ow¦', ['own']],
  ['(await made(1))[0].¦', ['first']],
  ['over("").¦', ['text']],
  ['over(1).¦', ['count']],
  ['generic(new Date()).boxed.toISO¦', ['toISOString']],
  ['generic(1).point.¦', ['alpha', 'beta']],
  ['declare const u: unknown; if (isShape(u)) { u.¦ }', ['kind', 'side']],
  ['declare const s: Shape; s.¦', ['kind', 'side']],
  ['declare const s: Stats; s.isDir¦', ['isDirectory']],
  ['fs.readdi¦', ['readdir']],
  ['(await fs.stat("")).isDir¦', ['isDirectory']],
  ['Colour.¦', ['Red', 'Green']],
  ['Space.inside.¦', ['deep']],
  ['changed.toUpperC¦', ['toUpperCase']],
  ['again.¦', ['numbers']],
  ['belowMagic.¦', ['posted']],
  ['const point = { mine: 1 }\npoint.¦', ['mine']],
  ['const 𝒳 = { "𝒴": point }; 𝒳.𝒴.al¦', ['alpha']],
  ['"😀"; point.al¦ + 1', ['alpha']],
  [
    'type Getters = { [K in Names as `get_${K}`]: 1 }; let g: Getters; g.¦',
    ['get_alpha', 'get_beta'],
  ],
  [
    'function f(a: string | number[]) { if (typeof a !== "string") { return a.toSor¦ } }',
    ['toSorted'],
  ],
  ['[1, 2].map((one) => one.toFix¦)', ['toFixed']],
  ['process.memoryUsage().rs¦', ['rss']],
  ['made(1, "¦")', ['left', 'right']],
  ['const s: Shape = { ¦ }', ['kind', 'side']],
  ['const s: Shape = { kind: "¦" }', ['circle', 'square']],
  ['point["¦"]', ['alpha', 'beta']],
  ['let n: Names = "¦"', ['alpha', 'beta']],
  ['import { readFileS¦ } from "node:fs"', ['readFileSync']],
  ['import x from "node:child_pr¦"', ['node:child_process']],
  ['import x from "node:fs/pro¦"', ['promises']],
  ['await import("node:util/ty¦")', ['types']],
  ['%%post lab\npoint.al¦', ['alpha']],
  ['import { display as d } from "jupyterpost"\nd.upd¦', []],
]

test.each(MEMBERS)('%s', async (cell, expected) => {
  const { texts } = await complete(client, cell)
  expect(texts.slice(0, Math.max(expected.length, 1)).toSorted()).toEqual(expected.toSorted())
})

test.each<[cell: string, expected: Match]>([
  [
    'made¦',
    { text: 'made', type: 'function', signature: expect.stringContaining('Promise<readonly [') },
  ],
  ['poin¦', { text: 'point', type: 'instance', signature: '{ alpha: number; beta: string; }' }],
  ['Deri¦', { text: 'Derived', type: 'class' }],
  ['Colo¦', { text: 'Colour', type: 'enum' }],
  ['let x: Shap¦', { text: 'Shape', type: 'interface' }],
  ['joi¦', { text: 'join', type: 'function', signature: '(...paths: string[]): string' }],
  ['new Derived("").ow¦', { text: 'own', type: 'property', signature: 'number' }],
  ['new Derived("").fa¦', { text: 'far', type: 'function', signature: '(x: number) => string' }],
  ['displ¦', { text: 'display', type: 'instance', signature: 'Display' }],
  ['retur¦', { text: 'return', type: 'keyword' }],
])('%s is offered with its kind and signature', async (cell, expected) => {
  const { matches } = await complete(client, cell)
  expect(matches.find(({ text }) => text === expected.text)).toMatchObject(expected)
})

test('members of the type itself come before inherited ones, and old ones not at all', async () => {
  const { texts } = await complete(client, 'new Derived("").¦')
  expect(texts).toEqual(['own', 'near', 'inherited', 'held', 'far'])
  expect((await complete(client, 'process.¦')).texts.indexOf('stdout')).toBeLessThan(
    (await complete(client, 'process.¦')).texts.indexOf('removeListener'),
  )
})

test('a match takes the place of what is typed, counted in code points', async () => {
  const { apply } = await complete(client, '"😀😀"; point.al¦ + 1')
  expect(apply('alpha')).toBe('"😀😀"; point.alpha + 1')
})

test('a name that only the runtime knows is offered among the others', async () => {
  await client.execute('Object.assign(globalThis, { madeByHand: { inHand: 1 } })')
  expect((await complete(client, 'madeByH¦')).texts).toContain('madeByHand')
  expect((await complete(client, 'madeByHand.¦')).texts).toContain('inHand')
})

test('where the checker says any, the own names of the value are offered, without a getter', async () => {
  await client.execute(
    'let touched = 0; const loose: any = { seen: 1, get trap() { touched++; return {} } }',
  )
  const { texts } = await complete(client, 'loose.¦')
  expect(texts).toEqual(expect.arrayContaining(['seen', 'trap']))
  expect((await complete(client, 'loose.trap.¦')).texts).toEqual([])
  const { iopub } = await client.execute('touched')
  expect(JSON.stringify(iopub.map(({ content }) => content))).toContain('"text/plain":"0"')
})

test('a local module and its exports are known', async () => {
  writeFileSync(join(folder, 'local.ts'), 'export const fromFile = { inFile: 1 }')
  expect((await complete(client, 'import { fromF¦ } from "./local"')).texts).toEqual(['fromFile'])
  await client.execute('import { fromFile } from "./local.ts"')
  expect((await complete(client, 'fromFile.¦')).texts).toEqual(['inFile'])
})

test('a cell that spins does not stop completion', async () => {
  const { kernel, running } = await spinning()
  expect((await complete(kernel.client, 'known.¦')).texts).toEqual(['inTypes'])
  expect((await complete(kernel.client, 'const a = [known]; a[0].¦')).texts).toEqual(['inTypes'])
  await kernel.client.ask('interrupt_request', {}, 'control')
  await kernel.client.answer(running)
})

async function spinning() {
  const kernel = await start({ env: TYPES })
  await kernel.client.execute('const known = { inTypes: 1 }')
  await untilTyped(kernel.client)
  const running = await kernel.client.send('execute_request', {
    code: 'console.log("spins"); while (true) {}',
  })
  await kernel.client.until(({ header }) => header.msg_type === 'stream')
  return { kernel, running }
}
