import { expect, test } from '@jest/globals'
import { compileCell } from '../../src/cell/compile.ts'
import { parseCellMagic } from '../../src/cell/cell-magic.ts'
import type { KnownMagics } from '../../src/cell/magic-scanner.ts'

const magics: KnownMagics = new Map([
  ['post', { line: true, cell: true }],
  ['time', { line: true, cell: true }],
  ['env', { line: true, cell: false }],
  ['sh', { line: true, cell: true }],
  ['lsmagic', { line: true, cell: false }],
  ['bash', { line: false, cell: true }],
])

/** What a cell becomes: its magics as `line name text [awaited]`, or the start of its refusal. */
function outcome(source: string): string {
  try {
    return compileCell(source, { filename: '/cell.ts', magics })
      .magics.map(({ lineNumber, name, line, awaited, first }) =>
        [lineNumber, name, line, ...(awaited ? [] : ['started']), ...(first ? ['first'] : [])].join(
          ' ',
        ),
      )
      .join('; ')
  } catch (error) {
    if (!Error.isError(error)) throw error
    return `${error.name}: ${error.message}`
  }
}

const none = ''

test.each([
  // statements without semicolons
  ['run_long_computation()\n%post @myself Computation done!', '2 post @myself Computation done!'],
  ['%post @me hi', '1 post @me hi first'],
  ['  \t%post @me hi', '1 post @me hi first'],
  ['let x = 5\n%post @me hi\nx', '2 post @me hi'],
  ['foo()\n%post @me a\n%post @me b\nbar()', '2 post @me a; 3 post @me b'],
  ['const f = () => 1\n%time f()', '2 time f()'],
  ['%post @me a\r\nfoo()\r\n%post @me b\r\n', '1 post @me a first; 3 post @me b'],
  ['%lsmagic', '1 lsmagic  first'],
  ['%lsmagic   ', '1 lsmagic  first'],
  ['return_()\n\n\n%post @me later\n', '4 post @me later'],
  ['x++\n%post @me counted', '2 post @me counted'],
  ['const s = "a"\n%post @me s', '2 post @me s'],
  ['const r = /a/g\n%post @me r', '2 post @me r'],
  ['const t = `a`\n%post @me t', '2 post @me t'],
  ['const o = { a: 1 }\n%post @me o', '2 post @me o'],
  ['const a = [1]\n%post @me a', '2 post @me a'],
  ['class A { m() { return 1 } }\n%post @me A', '2 post @me A'],
  // what comes first
  ['// a comment\n%post @me hi', '2 post @me hi first'],
  ['/* a\n b */\n%post @me hi', '3 post @me hi first'],
  [
    'import fs from "node:fs"\ntype A = { a: 1 }\ninterface B {}\n%post @me hi',
    '4 post @me hi first',
  ],
  ['declare const q: number\n%post @me hi', '2 post @me hi first'],
  ['let y: number\n%post @me hi', '2 post @me hi'],
  // messages that are not TypeScript
  ["%post @me don't stop\nfoo()", "1 post @me don't stop first"],
  ['%post @me `tick\nfoo()\n%post @me b', '1 post @me `tick first; 3 post @me b'],
  ['%post @me /* not a comment\n1', '1 post @me /* not a comment first'],
  ['%post @me ( [ { "\nfoo()', '1 post @me ( [ { " first'],
  ['%post @me // all text', '1 post @me // all text first'],
  ['%post @me "two  spaces" -5C #1', '1 post @me "two  spaces" -5C #1 first'],
  ['%post @me ends with \\\nfoo()', '1 post @me ends with \\ first'],
  // text that looks like a magic
  ['const t = `\n%post @me hi\n`', none],
  ['const t = `${1}\n%post @me hi ${`\n%post @me`}\n`', none],
  ['/*\n%post @me hi\n*/', none],
  ['// line\\\n//%post @me hi', none],
  ['const s = "a\\\n%post @me hi"', none],
  ['const r = /[`"]/\n%post @me after a regex', '2 post @me after a regex'],
  ["const r = /'/.test('a')\n%post @me hi", '2 post @me hi'],
  ['const d = 4 / 2 / 1 // `\n%post @me hi', '2 post @me hi'],
  ['if (x) /`/.test(y)\n%post @me hi', '2 post @me hi'],
  ['const n = (1) / 2 // `\n%post @me hi', '2 post @me hi'],
  ['const n = {}.a / 2; "/`"\n%post @me hi', '2 post @me hi'],
  ['a.of / 2; b = "`/"\n%post @me hi', '2 post @me hi'],
  ['x = `a${ {b: "}"}.b }`\n%post @me hi', '2 post @me hi'],
  // blocks, loops, functions, callbacks
  ['if (x) {\n  %post @me hi\n}', '2 post @me hi'],
  ['for (const i of [1]) {\n  step(i)\n  %post @me ${i}\n}', '3 post @me ${i}'],
  ['while (x) {\n%post @me a\n} \n%post @me b', '2 post @me a; 4 post @me b'],
  [
    'try {\n%post @me a\n} catch (e) {\n%post @me b\n} finally {\n%post @me c\n}',
    '2 post @me a; 4 post @me b; 6 post @me c',
  ],
  [
    'switch (x) {\n  case 1:\n    %post @me one\n    break\n  default:\n    %post @me two\n}',
    '3 post @me one; 6 post @me two',
  ],
  ['switch (x) {\n  case a ? b : c: {\n    %post @me one\n  }\n}', '3 post @me one'],
  ['outer: {\n  %post @me hi\n}', '2 post @me hi'],
  ['if (x)\n  %post @me yes\nelse\n  %post @me no', '2 post @me yes; 4 post @me no'],
  ['do\n  %post @me hi\nwhile (x)', '2 post @me hi'],
  ['async function f() {\n  %post @me hi\n}', '2 post @me hi'],
  ['function f(): void {\n  %post @me hi\n}', '2 post @me hi started'],
  [
    'function f(a: { b: number } = { b: 1 }): { c: string } {\n  %post @me hi\n  return a\n}',
    '2 post @me hi started',
  ],
  ['function f(): Map<string, Array<number>> {\n  %post @me hi\n}', '2 post @me hi started'],
  ['[1].forEach((x) => {\n  %post @me ${x}\n})', '2 post @me ${x} started'],
  ['setTimeout(async function () {\n  %post @me late\n}, 5)', '2 post @me late'],
  [
    'const o = {\n  m() {\n    %post @me hi\n  },\n  async n() {\n    %post @me hi\n  },\n}',
    '3 post @me hi started; 6 post @me hi',
  ],
  [
    'class A {\n  m() {\n    %post @me hi\n  }\n  static {\n    %post @me s\n  }\n}',
    '3 post @me hi started; 6 post @me s started',
  ],
  ['function* g() {\n  yield 1\n  %post @me hi\n}', '3 post @me hi started'],
  ['namespace N {\n  %time x\n}', '2 time x started'],
  ['const f = () => {\n%post @me a\n}\n%post @me b', '2 post @me a started; 4 post @me b'],
  ['const f = function () {}\n%post @me b', '2 post @me b'],
  ['label: for (;;) {\n  %post @me hi\n  break label\n}', '2 post @me hi'],
  // modulo
  ['const a = 7\n  % post', none],
  ['const a = (7\n%time )', none],
  ['foo(7\n%time * 2)', none],
  ['const a = [7\n%env ]', none],
  ['const o = { a: 7\n%time }', none],
  ['const s = `${7\n%time}`', none],
  ['x = 7 %time', none],
  ['let rest = 7\n%timeout', none],
  ['foo(\n%post @me hi\n)', 'UsageError: %post on line 2 stands inside an open bracket'],
  ['const o = {\n%post @me hi\n}', 'UsageError: %post on line 2 stands inside an open bracket'],
  ['const a = [1,\n%post @me hi\n]', 'UsageError: %post on line 2 stands inside an open bracket'],
  ['foo(7\n%time x y)', 'UsageError: %time on line 2 stands inside an open bracket'],
  ['class A {\n  %post @me hi\n}', 'UsageError: %post on line 2 stands where no statement can'],
  // unknown names
  ['%pots @me hi', 'UsageError: There is no line magic %pots'],
  ['%bash ls', 'UsageError: There is no line magic %bash'],
  ['foo()\n%%post @me', 'UsageError: %%post must be the first line of its cell'],
  ['%post! @me', 'UsageError: There is no line magic %post'],
  // shell lines
  ['! ls -l $HOME', '1 sh ls -l $HOME first'],
  ['foo()\n! ls *.ts | wc -l', '2 sh ls *.ts | wc -l'],
  ['if (x) {\n  ! ls\n}', '2 sh ls'],
  ['%sh echo ${HOME}', '1 sh echo ${HOME} first'],
  ['!x', none],
  ['const a = b &&\n! c', none],
  ['foo(\n! c)', none],
  // help
  ['%post?', '1 post ? first'],
  ['?%post', '1 post ? first'],
  ['%bash?', '1 bash ? first'],
  ['?%%bash', '1 bash ? first'],
  // JSX-like text
  ["const a = '<div>'\n%post @me hi", '2 post @me hi'],
  ['const x = <div>%post @me hi</div>', none],
  ["const x = <p>don't</p>\n%post @me hi", '2 post @me hi'],
  ['const f = <T,>(x: T) => x\n%post @me hi', '2 post @me hi'],
  ['const y = <any>x\n%post @me hi', '2 post @me hi'],
])('%j', (source, expected) => {
  const found = outcome(source)
  expect(expected.includes('Error: ') ? found.slice(0, expected.length) : found).toBe(expected)
})

test.each([
  ['@me plain text', ['@me plain text'], 0],
  ['@me acc ${acc} of ${n}', ['@me acc ', ' of ', ''], 2],
  ['@me \\${acc} is ${acc}', ['@me ${acc} is ', ''], 1],
  ['@me costs $5 and $x$', ['@me costs $5 and $x$'], 0],
  ['@me ${}^{14}C$ decays', ['@me ${}^{14}C$ decays'], 0],
  ['@me $\\frac{a}{b}$', ['@me $\\frac{a}{b}$'], 0],
  ['@me ${ {a: "}"}.a }', ['@me ', ''], 1],
  ['@me ${`${x}}`}!', ['@me ', '!'], 1],
  ['@me ${f("}")} ${/}/.source}', ['@me ', ' ', ''], 2],
  ['@me ${xs.map((x) => { return x })}', ['@me ', ''], 1],
  ['@me ${x as number} ${y!}', ['@me ', ' ', ''], 2],
  ['@me ${await load()}', ['@me ', ''], 1],
  ['@me ${a, b}', ['@me ', ''], 1],
  ['@me ${x // why}', ['@me ', ''], 1],
  ['~${channel} ${x}', ['~', ' ', ''], 2],
])('%j has the pieces %j', (line, pieces, values) => {
  const cell = compileCell(`%post ${line}`, { filename: '/cell.ts', magics })
  expect(cell.magics[0]?.pieces).toEqual(pieces)
  expect(pieces).toHaveLength(values + 1)
})

test.each([
  '@me ${a b}',
  '@me ${a) + (b}',
  '@me ${...x}',
  '@me ${let x = 1}',
  '@me ${yield 1}',
  '@me ${unclosed',
  '@me ${x}{ ${',
])('%j is refused with the way to write it as text', (line) => {
  const refused = outcome(`%post ${line}`)
  expect(refused).toMatch(/^UsageError: .*write `\\\$\{`$/)
})

test('a refused expression is shown at its own place', () => {
  expect(() => compileCell('foo()\n  %post @me ${a b}', { filename: '/cell.ts', magics })).toThrow(
    expect.objectContaining({ line: 2, column: 12 }),
  )
})

test.each([
  ['%%post @me title\n1 + 1', { name: 'post', line: '@me title', body: '1 + 1', lineNumber: 1 }],
  [
    '\n// why\n/* and\n*/\n  %%post @me\r\nx\ny',
    { name: 'post', line: '@me', body: 'x\ny', lineNumber: 5 },
  ],
  ['%%post?', { name: 'post', line: '?', body: '', lineNumber: 1 }],
  ['?%%post\n', { name: 'post', line: '?', body: '', lineNumber: 1 }],
  ['%%nonsense', { name: 'nonsense', line: '', body: '', lineNumber: 1 }],
  ['1\n%%post @me', undefined],
  ['/* a */ %%post @me', undefined],
  ['%post @me', undefined],
  ['`\n%%post`', undefined],
  ['', undefined],
])('%j as a cell magic', (source, expected) => {
  expect(parseCellMagic(source)).toEqual(expected)
})
