import { expect, test } from '@jest/globals'
import { compileCell, compileExpression } from '../../src/cell/compile.ts'
import { CellSyntaxError, CellUsageError } from '../../src/cell/compiled.ts'

const magics = new Map([['post', { line: true, cell: true }]])
const options = { filename: '/notebook/cell_1.ts', magics }

/** Where the script's `mark` came from, as `line:column` of the cell. */
function origin(source: string, mark: string): string {
  const cell = compileCell(source, options)
  const before = cell.script.code.slice(0, cell.script.code.indexOf(mark)).split('\n')
  const found = cell.originalPosition(before.length, before.at(-1)?.length ?? 0)
  return found ? `${found.line}:${found.column}` : 'generated'
}

test.each([
  ['an expression', 'boom()', '1:0'],
  ['after a declaration', 'let x = 1\nboom()', '2:0'],
  ['in a declaration', 'const x = 1, y = boom()', '1:17'],
  ['behind types', 'const x: Map<string, number> = boom() as any', '1:31'],
  ['behind an interface', 'interface A {\n  x: 1\n}\n  boom()', '4:2'],
  ['behind an enum', 'enum E {\n  a,\n  b,\n}\nlet c = E.a; boom()', '5:13'],
  ['with top-level await', 'await 1\n  boom()', '2:2'],
  ['inside an await', 'const a = await boom()', '1:16'],
  ['in a hoisted function', 'let a = 1\nfunction f() {\n  boom()\n}', '3:2'],
  [
    'in a hoisted function with types',
    'let a: number = 1\nfunction f(x: string): void {\n  boom(x)\n}',
    '3:2',
  ],
  ['behind imports', 'import a from "b"\nimport * as c from "d"\nboom()', '3:0'],
  ['behind a surrogate pair', 'let s = "😀"; boom()', '1:14'],
  ['behind a surrogate pair and a type', 'let s: string = "😀"; boom()', '1:22'],
  ['in a class method', 'class A {\n  m() { boom() }\n}', '2:8'],
  [
    'in a decorated class',
    'const d = (v) => v\n@d class A {\n  @d m() {\n    boom()\n  }\n}',
    '4:4',
  ],
  ['behind a namespace that needs lowering', 'namespace N {\n  export let x = 1\n}\nboom()', '4:0'],
  ['behind a magic', '%post hello ${1} world\n  boom()', '2:2'],
  ['in a magic', 'foo()\n  %post total ${ boom() }', '2:17'],
  ['in the second part of a magic', '%post ${a} and ${boom()}', '1:17'],
  ['in a magic of a cell with types', 'let x: number = 1\n%post ${boom()}', '2:8'],
  ['with using', 'using a = f()\nboom()', '2:0'],
  ['behind Windows line ends', 'let a = 1\r\nlet b: number = 2\r\nboom()', '3:0'],
  ['behind a hashbang', '#!/usr/bin/env node\nboom()', '2:0'],
  ['in an object that the cell begins with', '{ a: 1,\n  b: boom() }', '2:5'],
  ['behind one that is used at once', '{ a: 1, b: 2 }.a; boom()', '1:18'],
  [
    'in one with types, before a magic',
    '// {\n{ a: 1 as number,\n  b: boom() }.b\n%post hi',
    '3:5',
  ],
  ['of export default', 'export default boom()', '1:15'],
  ['in a lone surrogate cell', 'let s: string = "\ud800"; boom()', '1:21'],
])('the place %s is kept', (_, source, expected) => {
  expect(origin(source, 'boom')).toBe(expected)
})

test('text that the compiler made up has no place', () => {
  expect(origin('1', "'use strict'")).toBe('generated')
})

test.each([
  ['let x = = 1', 1, 8, 'Unexpected token'],
  ['let a = 1\n\nfoo bar', 3, 3, 'semicolon'],
  ['"😀"; const 1a = 2', 1, 13, 'number'],
  ['%post hi\n%post there\nlet x = = 1', 3, 8, 'Unexpected token'],
  ['foo(\r\n1 2)', 2, 2, 'Expected'],
  ['let x = 1\nlet x = 2', 1, 4, 'already been declared'],
  ['if (x) {', 1, 8, 'Expected `}`'],
  ['x\0', 1, 1, 'Invalid Character'],
  ['{ a: 1, b: }', 1, 11, 'Unexpected token'],
  ['{ a: 1,\n  b: [2, c: 3] }', 2, 10, 'Expected'],
  ['{ let a = 1 b }', 1, 11, 'semicolon'],
  ['let a = 1;\n<p>hello</b>', 2, 10, 'closing tag'],
])('%j is refused at its place', (source, line, column, message) => {
  const refused = thrownBy(() => compileCell(source, options))
  expect(refused).toBeInstanceOf(CellSyntaxError)
  expect(refused).toMatchObject({ line, column })
  expect(refused.message).toContain(message)
  expect(refused.frame).toContain('^')
})

test('what helps follows the message as a sentence of its own', () => {
  const { message } = thrownBy(() => compileCell('yield 5', options))
  expect(message).toMatch(/generator body\. Either remove/)
})

test('the frame shows the cell as typed, not the script', () => {
  const refused = thrownBy(() => compileCell('let a = 1\n%post hi\nlet x = = 1', options))
  expect(refused.frame).toBe(
    ['  1 | let a = 1', '  2 | %post hi', '> 3 | let x = = 1', '    |         ^'].join('\n'),
  )
})

test('a usage error is a syntax error too, so that one handler serves both', () => {
  expect(thrownBy(() => compileCell('%post ${a b}', options))).toBeInstanceOf(CellUsageError)
})

test.each(['(', '[', '{', '`${', 'x=>', 'a?1:', 'A<'])(
  'ten thousand %j are refused and do not end the process',
  (opening) => {
    const refused = thrownBy(() => compileCell(opening.repeat(10_000), options))
    expect(refused.message).toMatch(/^Nested too deeply/)
  },
)

test('a sum of ten thousand terms is compiled', () => {
  expect(compileCell(`${'1 +\n'.repeat(10_000)} 1`, options).script.hasValue).toBe(true)
})

test('a five-megabyte comment is compiled', () => {
  const cell = compileCell(`/*${'x'.repeat(5_000_000)}*/ 1`, options)
  expect(cell.script.hasValue).toBe(true)
})

test.each([
  ['1 + 1', '1 + 1'],
  ['{ a: 1 }', '{ a: 1 }'],
  ['x as number', 'x'],
  ['await x', 'await x'],
  ['x // why', 'x'],
])('%j is an expression', (source, part) => {
  const { script } = compileExpression(source, options)
  expect(script.hasValue).toBe(true)
  expect(script.code).toContain(part)
})

test.each(['', 'let x = 1', '1; 2', 'a) + (b', '1 +', 'x = = 1', '...x'])(
  '%j is no expression',
  (source) => {
    const refused = thrownBy(() => compileExpression(source, options))
    expect(refused).toBeInstanceOf(CellSyntaxError)
    expect(refused.line).toBe(1)
  },
)

test('an error in an expression has its own column', () => {
  const cell = compileExpression('a + boom()', options)
  const column = cell.script.code.indexOf('boom')
  expect(cell.originalPosition(1, column)).toEqual({ line: 1, column: 4 })
})

function thrownBy(run: () => unknown): CellSyntaxError {
  try {
    run()
  } catch (error) {
    if (error instanceof CellSyntaxError) return error
    throw error
  }
  throw new Error('nothing was thrown')
}
