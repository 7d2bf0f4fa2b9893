// What TypeScript alone does not answer, over the wire: paths of files, magics, values of the
// runtime where types are unknown, `name?`, and text of other people in JSDoc.
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import type { Client } from '../helpers/client.ts'
import { closeAll, start } from '../helpers/started.ts'
import { TYPES, complete, inspect, settled, untilTyped } from '../helpers/typing.ts'

let client: Client

beforeAll(async () => {
  const kernel = await start({
    env: { ...TYPES, SEEN_IN_ENV: '1' },
    args(file) {
      mkdirSync(join(dirname(file), 'data/inner'), { recursive: true })
      writeFileSync(join(dirname(file), 'data/measured.csv'), 'a\n1\n')
      writeFileSync(join(dirname(file), 'data/with space.txt'), '')
      writeFileSync(join(dirname(file), 'notes.md'), '')
      return [file]
    },
  })
  ;({ client } = kernel)
  const cells = [
    `import { readFileSync } from 'node:fs'
     let touched = 0
     const counting: any = { own: 1, get trap() { touched++; return {} } }
     const trapped: any = new Proxy({ inside: 1 }, { get() { touched++; throw new Error('touched') }, ownKeys() { touched++; throw new Error('touched') } })
     const parsed = JSON.parse('{"fromText": {"deep": 1}}')
     class Parent { inherited() { return 1 } }
     class Child extends Parent { own() { return 2 } }
     const child: any = new Child()`,
    `/**
      * Has <script>alert(1)</script> and <img src=x onerror=alert(2)>, **bold without an end,
      * [a link](javascript:alert(3)) and [a page](https://example.com).
      * @param x - what is never closed:
      * \`\`\`
      * code
      */
     function hostile(x: string) { return x }
     /** The sum. */
     const summed = (a: number, b: number): number => {
       return a + b
     }
     class Boxed { constructor(public held: number) {} }
     const long = Array.from({ length: 100_000 }, (_, index) => index)`,
  ]
  for (const cell of cells) {
    const { reply } = await client.execute(cell)
    if (reply.content['status'] !== 'ok') throw new Error(String(reply.content['evalue']))
  }
  await untilTyped(client)
})

afterAll(closeAll)

test.each([
  ["readFileSync('¦", ['data/', 'kernel.json', 'notes.md']],
  ["readFileSync('./da¦')", ['./data/']],
  ["readFileSync('data/¦')", ['data/inner/', 'data/measured.csv', 'data/with space.txt']],
  ['readFileSync("data/me¦")', ['data/measured.csv']],
  ['readFileSync(`data/with¦`)', ['data/with space.txt']],
  ["const text = 'note¦", ['notes.md']],
  ["/* it's */ readFileSync('no¦", ['notes.md']],
  ["const nothing = '¦'", []],
  ["readFileSync('no-such/¦')", []],
  ["// readFileSync('no¦", []],
  ['`${readFileSync("no¦', ['notes.md']],
])('a path in %j', async (cell, expected) => {
  const { texts } = await complete(client, cell)
  expect(texts.filter((text) => !['state/', 'state'].includes(text))).toEqual(expected)
})

test('a path takes the place of all that is typed of it', async () => {
  const { apply, matches } = await complete(client, 'readFileSync("😀"); readFileSync("data/me¦")')
  expect(matches).toEqual([{ text: 'data/measured.csv', type: 'path', start: 33, end: 40 }])
  expect(apply('data/measured.csv')).toBe('readFileSync("😀"); readFileSync("data/measured.csv")')
})

test.each([
  ['%%po¦', 'post'],
  ['%cd da¦', 'data/'],
  ['%post --qui¦', '--quiet'],
  ['%timeit --lo¦', '--loops'],
  ['%env SEEN¦', 'SEEN_IN_ENV'],
  ['%timeit readFileS¦', 'readFileSync'],
  ['const a = child\n%timeit [a].toSor¦', 'toSorted'],
])('the magic in %j', async (cell, expected) => {
  expect((await complete(client, cell)).texts).toContain(expected)
})

test.each([
  ['counting.¦', ['own', 'trap']],
  ['parsed.¦', ['fromText']],
  ['parsed.fromText.¦', ['deep']],
  ['child.¦', ['own', 'inherited']],
  ['process.env.SEEN¦', ['SEEN_IN_ENV']],
])('what only the value knows, its own first, in %j', async (cell, expected) => {
  const { texts } = await complete(client, cell)
  expect(texts.slice(0, expected.length)).toEqual(expected)
  expect(texts).not.toContain('__defineGetter__')
})

test('neither a getter nor a proxy is asked', async () => {
  await complete(client, 'counting.trap.¦')
  await complete(client, 'trapped.¦')
  await inspect(client, 'trapp¦ed')
  await inspect(client, 'counting.tra¦p')
  const { iopub } = await client.execute('touched')
  expect(JSON.stringify(iopub.map(({ content }) => content))).toContain('"text/plain":"0"')
})

test('names of cells come before what is in scope, keywords last', async () => {
  const { matches } = await settled(
    () => complete(client, 'c¦'),
    ({ texts: [first] }) => first === 'child',
  )
  const texts = matches.map(({ text }) => text)
  expect(texts.slice(0, 2)).toEqual(['child', 'counting'])
  const kinds = matches.map(({ type }) => type)
  expect(kinds.lastIndexOf('instance')).toBeLessThan(kinds.indexOf('keyword'))
  expect(kinds.slice(kinds.indexOf('keyword')).every((kind) => kind === 'keyword')).toBe(true)
})

test('where there may be no object, a member comes with `?.`', async () => {
  const cell = 'declare const v: { alpha: number; beta: 1 } | undefined; v.¦'
  const { texts, apply } = await complete(client, cell)
  expect(texts).toEqual(['?.alpha', '?.beta'])
  expect(apply('?.alpha')).toBe(cell.replace('.¦', '?.alpha'))
  expect((await complete(client, cell.replace('¦', 'al¦'))).texts).toEqual(['?.alpha'])
})

test('many members are listed by their names, a few as they were declared', async () => {
  const { texts } = await complete(client, 'long.¦')
  expect(texts.slice(0, 3)).toEqual(['at', 'concat', 'copyWithin'])
  const few = await complete(client, 'const few = { zeta: 1, alpha: 2 }; few.¦')
  expect(few.texts).toEqual(['zeta', 'alpha'])
})

test('a signature is one line without what says nothing', async () => {
  const { matches } = await complete(client, '"".padSta¦')
  expect(matches).toMatchObject([
    { signature: '(targetLength: number, padString?: string) => string' },
  ])
})

test('types of cells come before those that declarations of packages use among themselves', async () => {
  const { texts } = await complete(client, 'const x: ¦')
  expect(texts.slice(0, 3)).toEqual(['Boxed', 'Child', 'Parent'])
  expect(texts.findIndex((text) => text.startsWith('_'))).toBeGreaterThan(texts.indexOf('Array'))
})

test('nothing that only TypeScript sees is offered or shown', async () => {
  for (const cell of ['__jup¦', '¦', 'import x from "./__¦"', 'import x from "./¦"']) {
    expect(JSON.stringify((await complete(client, cell)).matches)).not.toContain('__jupyterpost')
  }
})

test('JSDoc of other people is shown as text: its code ends, its links are of the web', async () => {
  const found = await settled(
    () => inspect(client, 'hosti¦le'),
    (answer) => answer?.plain.includes('(x: string): string') === true,
  )
  expect(found?.plain).toContain('function hostile(x: string): string')
  const fences = found?.markdown.split('\n').filter((line) => line.startsWith('```')) ?? []
  expect(fences.length % 2).toBe(0)
  expect(found?.markdown).not.toContain('javascript:')
  expect(found?.markdown).not.toMatch(/(?<!\\)<(?:script|img)/)
  expect(found?.markdown).toContain('[a page](https://example.com)')
  expect(found?.plain).toContain('Has <script>')
})

test('a long value is cut', async () => {
  const found = await inspect(client, 'lon¦g')
  expect(found?.plain).toContain('const long: number[]')
  expect(found?.plain.length).toBeLessThan(3000)
})

test.each([
  ['summed?', ['const summed: (a: number, b: number) => number', 'The sum.']],
  ['?summed', ['const summed: (a: number, b: number) => number']],
  ['summed??', ['const summed: (a: number, b: number) => number', 'return a + b']],
  ['Boxed??', ['class Boxed', 'constructor(']],
  ['child.own??', ['own()', 'return 2']],
  ['Math.max?', ['max(...values: number[]): number']],
])('%s shows it in the pager', async (cell, texts) => {
  const payload = await settled(
    async () => JSON.stringify((await client.execute(cell)).reply.content['payload']),
    (answer) => answer.includes(texts[0] ?? ''),
  )
  for (const text of texts) expect(payload).toContain(text)
})
