// What Enter does at a console, asked of the real kernel. Each sample is judged by what one more
// line could do: nothing is missing, the line goes on, or no further line can make it right. The
// samples are those of jupyter_kernel_test, IPython's and Node's own tests, and what people type.
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { Client } from './helpers/client.ts'
import { spawnKernel } from './helpers/kernel.ts'
import type { Spawned } from './helpers/kernel.ts'

let kernel: Spawned
let client: Client

beforeAll(async () => {
  kernel = await spawnKernel()
  client = await new Client(kernel.connection).connect()
})

afterAll(async () => {
  client.close()
  await kernel.close()
})

async function judged(code: string): Promise<unknown> {
  return (await client.ask('is_complete_request', { code })).reply.content
}

test.each([
  // Expressions and statements.
  '1+1',
  'console.log("hello, world")',
  "console.log('a')\n",
  'f({\n  a: 1,\n})',
  'x++',
  'a ? b : c',
  'a\n  .b()\n  .c()',
  '!function () {}()',
  'new Map([[1, 2]])',
  'a = b, c = d',
  'label: for (;;) break label',
  'const { a, ...b } = c',
  'const [x = 1] = []',
  'throw new Error("x")',
  'delete a.b',
  'await using x = f()',
  'if (x) y()',
  'if (x) {\n  y()\n} else {\n  z()\n}',
  'do x(); while (y)',
  'switch (x) { case 1: break; default: }',
  'try { a() } catch { b() }',
  'for await (const x of y) z(x)',
  'while (x);',
  'debugger',
  // Text and patterns.
  '"a \\\nb"',
  '`a ${`b ${c}`}`',
  '/[/\\]]/u',
  '"/*"',
  '// {',
  '/* { */ 1',
  '1 // `',
  '"</script>"',
  // Types.
  'type A<T> = T extends (infer U)[] ? U : never',
  'const f = <T,>(x: T): T => x',
  'function g<T extends object>(x: T) {}',
  'abstract class A { abstract x(): void }',
  'enum E { A = 1 }',
  'declare const x: number',
  'namespace N { export const a = 1 }',
  'let x = y satisfies Z',
  'let x = y as const',
  'let x = y!',
  'import type { A } from "b"',
  'export type { A } from "b"',
  'import x = require("x")',
  '@dec class A {}',
  'class A { @dec() x = 1; accessor y = 2 }',
  'f<number>(1)',
  'type A = `a${string}`',
  'let x: { a: number }',
  // Modules and the top level.
  'await 1',
  'import "a"',
  'import a, { b as c } from "d" with { type: "json" }',
  'export const a = 1',
  'export default 1',
  'export { a }',
  'await import("a")',
  // Magics.
  '%cd',
  '%pwd\n',
  '%timeit f(',
  '! echo "',
  'x?',
  'x ?',
  '??x',
  '%cd?',
  '?%cd',
  '%%sh?',
  '%%post --help',
  '%%post @me\nf(1)\n',
  '%%post @me\nf(1)\n  ',
  '%%sh\nif true; then\n',
  '%%writefile a.ts\nconst a = {\n',
  '%%post @me\n%%sh\necho "\n',
  '%%html\n<p>\n\n',
  '%%post @me\n\n',
  '%%time\nif (x) {\n  y()\n}\n',
])('%j is complete', async (code) => {
  expect(await judged(code)).toEqual({ status: 'complete' })
})

test.each([
  // Brackets: the next line is one step further in, by the step that the cell uses.
  ['function f() {', '  '],
  ['print = (', '  '],
  ['foo(1,', '  '],
  ['[1, 2', '  '],
  ['f({ a: 1,', '  '],
  ['f(() => {', '  '],
  ['f(1, {\n  a: 1,', '  '],
  ['f(1, {\n  a: 1,\n},', ''],
  ['if (x) {', '  '],
  ['if (x) { // why', '  '],
  ['if (x) { /* why */', '  '],
  ['if (x) {\n    y()', '    '],
  ['if (x) {\n    for (;;) {', '        '],
  ['if (x) {\n\tfor (;;) {', '\t\t'],
  ['if (x) {\n  y()\n} else {', '  '],
  ['class A {\n    a() {\n        b()\n    }', '    '],
  ['class A {\n  x = 1\n\n', '  '],
  ['const s = "{"\nf(', '  '],
  ['f(")"', '  '],
  ['x = [\n  1,\n  [', '    '],
  ['while (true) {\r\n    x()\r\n    if (y) {', '        '],
  // A body without braces, and the branches of a switch.
  ['if (x)', '  '],
  ['if (x) y()\nelse', '  '],
  ['else_ = 1; for (const x of y)', '  '],
  ['while (x)', '  '],
  ['do', '  '],
  ['switch (x) {\n  case 1:', '    '],
  ['switch (x) {\n  default:', '    '],
  ['switch (x) {\n  case 1:\n    y()', '    '],
  ['try {\n  a()\n}', ''],
  ['try { a() } finally', ''],
  ['do { x() }', ''],
  ['label:', '  '],
  // Something must follow.
  ['x =', '  '],
  ['let x =', '  '],
  ['1 +', '  '],
  ['a &&', '  '],
  ['a &&\n  b &&', '  '],
  ['a.', '  '],
  ['a?.', '  '],
  ['1..a.', '  '],
  ['if (x) {\n  y++', '  '],
  ['if (x) {\n  y!', '  '],
  ['if (x) {\n  y = /a/', '  '],
  ['f()\n  .a()\n  .', '  '],
  ['y = a ?', '  '],
  ['a ? b :', '  '],
  ['a ? b\n  : c ??', '  '],
  ['!', '  '],
  ['1 + // why', '  '],
  ['typeof', '  '],
  ['new', '  '],
  ['await', '  '],
  ['throw', '  '],
  ['import {', '  '],
  ['import { a }', ''],
  ['import { a } from', '  '],
  ['import a, {\n    b,', '    '],
  ['export default', '  '],
  ['export const', '  '],
  ['const f = () =>', '  '],
  ['f(x =>', '  '],
  ['const f = async (x: number): Promise<void> =>', '  '],
  ['let x = y as', '  '],
  ['let x: number =', '  '],
  ['var', '  '],
  ['const', '  '],
  // A body must follow: it stands below.
  ['function f()', ''],
  ['function f(): number', ''],
  ['async function* f<T>(x: T)', ''],
  ['function* f()', ''],
  ['class A {\n  *a()', '  '],
  ['class A', ''],
  ['class A extends B', ''],
  ['interface A', ''],
  ['enum E', ''],
  ['namespace N', ''],
  ['@dec', ''],
  ['@dec({ a: 1 })', ''],
  ['@a\n@b()', ''],
  ['class A {\n  @dec()', '  '],
  ['/** Says. */\n@dec', ''],
  // Types.
  ['type A =', '  '],
  ['type A = {', '  '],
  ['type A =\n  | "a"\n  |', '  '],
  ['type A = B |', '  '],
  ['type A<T> = T extends U ?', '  '],
  ['interface A<T> extends B<T> {', '  '],
  ['let x: {', '  '],
  ['let x: Array<', '  '],
  ['let x: Map<string,', ''],
  ['function f<', '  '],
  ['const f = <T,>(x: T) =>', '  '],
  ['const f = <T,>(', '  '],
  ['const f = <T, U>(\n  x: T,', '  '],
  ['const f = <T,>(x: T): T', ''],
  ['<T>(x: T) =>', '  '],
  ['f<{', '  '],
  // Text: blanks at the start of the next line would belong to it.
  ['`', ''],
  ['`a', ''],
  ['  x = `a\n  b', ''],
  ['`${', '  '],
  ['`${a} b', ''],
  ['/*', ''],
  ['/**\n * Says.', ''],
  ['1 /* a', ''],
  ['{ "a": 1,', '  '],
  ['{ a: 1,\n  b:', '    '],
  // Magics.
  ['%time f(1)\nif (x) {', '  '],
  ['%%post @me', ''],
  ['%%post @me\n', ''],
  ['%%post @me\nf(1)', ''],
  ['%%post @me\nif (x) {', '  '],
  ['%%post @me\nif (x) {\n', '  '],
  ['%%post @me\nif (x) {\n  y()', '  '],
  ['%%time\nf(`a\n', ''],
  ['%%post @me\n%%sh', ''],
  ['%%post @me\n%%sh\necho a', ''],
  ['%%sh\nif true; then\n  echo (', '  '],
  ['%%html\n<p>', ''],
])('%j goes on after %j', async (code, indent) => {
  expect(await judged(code)).toEqual({ status: 'incomplete', indent })
})

test.each([
  'x = = 1',
  'let x = 1 2',
  'f(]',
  'a)',
  '} else {',
  'else',
  'case 1:',
  '"abc',
  "f('a",
  '/a',
  'function (',
  'class { ]',
  'if (x) { ) }',
  'let let = 1',
  'import a from b',
  'return 1',
  'yield 1',
  '0b2',
  'function* f();',
  'a?.b = 1',
  '`${}`',
  'x ? : y',
  'for (const x in) {',
  'enum { A }',
  '%time f(1)\nx = = 1',
])('%j is invalid', async (code) => {
  expect(await judged(code)).toEqual({ status: 'invalid' })
})

test('a text without code and one of a megabyte are answered too', async () => {
  expect(await judged('')).toEqual({ status: 'complete' })
  expect(await judged('\n\n')).toEqual({ status: 'complete' })
  expect(await judged(`f(\n${'  x,\n'.repeat(200_000)}`)).toEqual({
    status: 'incomplete',
    indent: '  ',
  })
  expect(await judged('`'.padEnd(1_000_000, '${'))).toMatchObject({ status: expect.any(String) })
})
