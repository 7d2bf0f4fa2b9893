// Type errors of cells over the wire: below the cell with `%types warn`, instead of it with
// `%types error`.
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { stripVTControlCharacters } from 'node:util'
import type { Answer, Client } from '../helpers/client.ts'
import { closeAll, start } from '../helpers/started.ts'
import { TYPES, executeChecked, untilTyped } from '../helpers/typing.ts'

let client: Client

beforeAll(async () => {
  const kernel = await start({ env: { ...TYPES, NO_COLOR: '' } })
  client = kernel.client
  await untilTyped(client)
})

afterAll(closeAll)

/** What stands on stderr, without colours. */
function saidBy({ iopub }: Answer): string {
  return stripVTControlCharacters(
    iopub
      .filter(({ header, content }) => header.msg_type === 'stream' && content['name'] === 'stderr')
      .map(({ content }) => String(content['text']))
      .join(''),
  )
}

async function said(code: string): Promise<string> {
  return saidBy(await executeChecked(client, code))
}

/** Only the numbers of the errors. */
async function codes(code: string): Promise<number[]> {
  return (await said(code))
    .matchAll(/^error TS(\d+)/gm)
    .map(([, number]) => Number(number))
    .toArray()
}

test('a type error is shown below its cell, as a compiler would say it, and the cell has run', async () => {
  const answer = await client.execute(`// first
const n: number = 'x' as any as string
n`)
  expect(answer.reply.content['status']).toBe('ok')
  const count = Number(answer.reply.content['execution_count'])
  expect(saidBy(answer)).toBe(`error TS2322: Type 'string' is not assignable to type 'number'.
    at In [${count}], line 2, column 7
      1 | // first
    > 2 | const n: number = 'x' as any as string
        |       ^
      3 | n
`)
  const text = JSON.stringify(answer.iopub.map(({ content }) => content))
  expect(text).toContain('\\u001b[38;5;196m')
})

const WRONG: ReadonlyArray<readonly [name: string, cells: string[], codes: number[]]> = [
  ['a variable of an earlier cell gets another type', ['let w1 = 1', "w1 = 'a'"], [2322]],
  ['a constant of an earlier cell is assigned', ['const w2 = 1', 'if (false) w2 = 2'], [2588]],
  ['a function of an earlier cell is assigned', ['function w3() {}', 'w3 = 2'], [2630]],
  ['a member that is not there', ['const w4 = { a: 1 }', 'w4.b'], [2339]],
  ['an argument of the wrong type', ['function w5(x: number) { return x }', "w5('a')"], [2345]],
  ['a name that is nowhere, used', ['() => nowhere2'], [2304]],
  ['a module that is nowhere', ["import { x as w6 } from 'no-such-module-at-all'"], [2307]],
  ['below a cell magic', ['%%time\nconst w7: string = 1'], [2322]],
  ['code behind a magic', ['%time const w8: string = 1'], [2322]],
]

test.each(WRONG)('wrong: %s', async (_name, cells, expected) => {
  for (const cell of cells.slice(0, -1)) expect(await said(cell)).toBe('')
  expect(await codes(cells.at(-1) ?? '')).toEqual(expected)
})

const RIGHT: ReadonlyArray<readonly [name: string, cells: string[]]> = [
  [
    'any declaration again by any other',
    [
      'let again1 = 1',
      'const again1 = "a"',
      'function again1() {}',
      'class again1 {}',
      'enum again1 { A }',
      'interface again1 { a: 1 }',
      'type again1 = { b: 1 }',
      'namespace again1 { export const a = 1 }',
      "import { join as again1 } from 'node:path'",
      'var again1 = 1',
      'let { again1 } = { again1: true }',
      'const again1: boolean = true; const r: boolean = again1',
    ],
  ],
  [
    'names that only the runtime has',
    [
      'globalThis.made1 = 1; Object.assign(globalThis, { made2: 2 }); (0, eval)("var made3 = 3")',
      'made1 + made2 + made3',
    ],
  ],
  ['names that the cell itself makes', ['Object.assign(globalThis, { made4: 4 }); made4 + 1']],
  [
    'implicit any, unused names, top-level await',
    ['function free(a, b) { return a }\nawait free(1, 2)\nconst unused = 1'],
  ],
  [
    'arrays and variables that begin empty',
    [
      'const rows1 = []; for (const n of [1, 2]) rows1.push({ n }); rows1.map((r) => r.n)',
      'rows1[0].n.toFixed()',
      "let items1 = []; items1 = [...items1, 1]; items1.push('a')",
      'items1.push({ b: 1 }); items1.length',
      'let found1 = null; found1 = [1].find((n) => n > 0); found1?.toFixed()',
      'let maybe1 = undefined; maybe1 = 5; maybe1 + 1',
      "maybe1 = 'text'; maybe1.length",
      'let bare1; for (const n of [1]) bare1 = n',
      'bare1.toFixed()',
      'const counts1 = {}; for (const c of "ab") counts1[c] = (counts1[c] || 0) + 1; counts1["a"]',
    ],
  ],
  [
    'what a server answers',
    [
      'const later1 = (url: string) => fetch(url).then((r) => r.json()).then((d) => d.rows[0].n)',
      'async function asked1(url: string) { const { a } = await (await fetch(url)).json(); return a.b }',
    ],
  ],
  [
    'functions as constructors',
    [
      'function Old1() { this.a = 1 }\nOld1.prototype.get = function () { return this.a }\nnew Old1().get()',
    ],
  ],
  ['what a catch gets', ['try { await 1 } catch (error) { error.message }']],
  [
    'what cells have without an import',
    ["display.html('<b>x</b>'); const later = () => post('text', 'nobody')"],
  ],
  [
    'an import of jupyterpost',
    ["import { display as shown } from 'jupyterpost'; shown.html('<i>x</i>')"],
  ],
  [
    'globals of Node',
    [
      `const t: ReturnType<typeof setTimeout> = setTimeout(() => {}, 0); clearTimeout(t)
     structuredClone({ a: 1 }); new URL('http://x'); performance.now(); typeof WebSocket; typeof fetch
     new AbortController().signal; Buffer.from('a'); process.pid; queueMicrotask(() => {})
     await new Promise((resolve) => setTimeout(resolve, 1))`,
    ],
  ],
  ['types of web pages', ['const element = (x: HTMLElement | SVGElement) => x; typeof document']],
  [
    'names of magics',
    [
      'const shell = "x"',
      '%sh echo ${shell}\n[1].length',
      '%time const timed = 1\ntimed + 1',
      '%%sh\nls',
    ],
  ],
  [
    'JSON with its attribute and dynamic imports',
    ["const fs2 = await import('node:fs'); fs2.existsSync('x')"],
  ],
  [
    'classes and their objects over cells',
    [
      'class Base1 { private p = 1; constructor(protected q: string) {} m() { return this.p } }',
      'class Sub1 extends Base1 { n() { return this.q } }',
      'const sub1 = new Sub1("a")',
      'sub1.n().toUpperCase(); const base1: Base1 = sub1',
      'class Base1 { private p = 1; m() { return "s" } }',
      'sub1.m().toFixed()',
    ],
  ],
  [
    'narrowing',
    [
      'let maybe1: string | undefined = "a"',
      'maybe1.length',
      'maybe1 = "b" as string | undefined',
      'maybe1?.length',
    ],
  ],
  [
    'generics, overloads, mapped and template types',
    [
      'type Getters1<T> = { [K in keyof T & string as `get${Capitalize<K>}`]: () => T[K] }',
      'declare function over1(a: string): string\ndeclare function over1(a: number): number',
      'const g1 = null as unknown as Getters1<{ a: number }>; const use1 = () => g1.getA().toFixed()',
      'const use2 = () => over1(1).toFixed() + over1("a").length',
    ],
  ],
  [
    'a generator, symbols, assertion functions',
    [
      'function* gen1() { yield 1; return "a" }',
      'for (const x of gen1()) x.toFixed()',
      'const sym1: unique symbol = Symbol()',
      'const o1 = { [sym1]: 1 }; o1[sym1].toFixed()',
      'function assert1(x: unknown): asserts x is string {}',
      'const u1: unknown = "a"; assert1(u1); u1.length',
      'const assert2: (x: unknown) => asserts x is number = () => {}',
      'const u2: unknown = 1; assert2(u2); u2.toFixed()',
    ],
  ],
  [
    'enums and const enums',
    [
      'enum E1 { A, B }',
      'const e1: E1 = E1.A',
      'e1 === E1.A',
      'const f1 = (e: E1) => { switch (e) { case E1.A: return 1; case E1.B: return 2 } }',
    ],
  ],
  [
    'destructuring, spread, satisfies, using',
    [
      'const { a: d1, ...rest1 } = { a: 1, b: "x" }',
      'rest1.b.length + d1.toFixed()',
      'const conf1 = { a: 1 } satisfies Record<string, number>',
      'conf1.a.toFixed()',
      'using res1 = { [Symbol.dispose]() {} }',
      'res1',
    ],
  ],
]

test.each(RIGHT)('right: %s', async (_name, cells) => {
  const found: string[] = []
  for (const cell of cells) {
    const answer = await client.execute(cell)
    expect([cell, answer.reply.content['evalue']]).toEqual([cell, undefined])
    const text = saidBy(answer)
    if (text !== '') found.push(`${cell}\n${text}`)
  }
  expect(found).toEqual([])
})
