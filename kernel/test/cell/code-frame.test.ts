import { expect, test } from '@jest/globals'
import { codeFrame } from '../../src/cell/code-frame.ts'

const source = 'one\ntwo\n\tthree\nfour\nfive\nsix'

test('shows two lines around and a caret under the column', () => {
  expect(codeFrame(source, { line: 4, column: 1 })).toBe(
    ['  2 | two', '  3 | \tthree', '> 4 | four', '    |  ^', '  5 | five', '  6 | six'].join('\n'),
  )
})

test('a tab stays a tab before the caret', () => {
  expect(codeFrame(source, { line: 3, column: 1 }, { context: 0 })).toBe('> 3 | \tthree\n    | \t^')
})

test('a surrogate pair is one character wide', () => {
  expect(codeFrame('"😀" x', { line: 1, column: 5 })).toBe('> 1 | "😀" x\n    |     ^')
})

test('a position outside the source is moved into it', () => {
  expect(codeFrame('one', { line: 9, column: 99 })).toBe('> 1 | one\n    |    ^')
  expect(codeFrame('', { line: 0, column: -1 })).toBe('> 1 |\n    | ^')
})

test('a long line is cut around the caret', () => {
  const lines = codeFrame(`${'x'.repeat(5000)}!${'y'.repeat(5000)}`, {
    line: 1,
    column: 5000,
  }).split('\n')
  expect(lines[0]?.length).toBeLessThan(140)
  expect(lines[0]?.[lines[1]?.indexOf('^') ?? 0]).toBe('!')
})

test('line numbers are aligned', () => {
  const text = Array.from({ length: 12 }, (_, index) => `line ${index + 1}`).join('\n')
  expect(codeFrame(text, { line: 10, column: 0 }, { context: 1 })).toBe(
    ['   9 | line 9', '> 10 | line 10', '     | ^', '  11 | line 11'].join('\n'),
  )
})
