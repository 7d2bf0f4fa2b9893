import { expect, test } from '@jest/globals'
import type { Piece } from '../../render/pieces.ts'
import { splitPieces, textLength } from '../../render/split.ts'

const LIMIT = { max: 60, unit: 'runes' } as const
const prose = (text: string): Piece => ({ kind: 'prose', text })
const fence = (text: string): Piece => ({ kind: 'fence', language: 'py', text })

test('what fits is one message, pieces a blank line apart', () => {
  expect(splitPieces('head', [prose('a'), fence('b')], LIMIT, 4)).toEqual([
    'head\n\na\n\n```py\nb\n```',
  ])
})

test('a fence is closed at a line and opened again', () => {
  const lines = Array.from({ length: 8 }, (_, index) => `line number ${index}`)
  const messages = splitPieces('head', [fence(lines.join('\n'))], LIMIT, 9) ?? []
  expect(messages.length).toBeGreaterThan(2)
  for (const message of messages) {
    expect(textLength(message, 'runes')).toBeLessThanOrEqual(60)
    expect(message).toMatch(/```py\n[^`]+\n```$/)
  }
  expect(messages.join('\n').match(/line number \d/g)).toEqual(lines)
})

test('a table is cut between rows and repeats its head', () => {
  const rows = Array.from({ length: 9 }, (_, index) => `| ${index} | some text |`)
  const table: Piece = { kind: 'table', head: ['| n | t |', '| - | - |'], rows }
  const messages = splitPieces('', [table], LIMIT, 9) ?? []
  for (const message of messages) expect(message).toMatch(/^\| n \| t \|\n\| - \| - \|\n\| \d/)
  expect(messages.join('\n').match(/\d/g)).toHaveLength(9)
})

test('prose is cut at a paragraph, a line, a space, and only then within a word', () => {
  const paragraph = 'x'.repeat(40)
  expect(splitPieces('', [prose(`${paragraph}\n\n${paragraph}`)], LIMIT, 4)).toEqual([
    paragraph,
    paragraph,
  ])
  expect(splitPieces('', [prose(`${paragraph} ${paragraph}`)], LIMIT, 4)?.[0]).toBe(paragraph)
  expect(splitPieces('', [prose('y'.repeat(100))], LIMIT, 4)).toEqual([
    'y'.repeat(60),
    'y'.repeat(40),
  ])
})

test('one line longer than a message is cut without losing a character', () => {
  const line = '😀'.repeat(150)
  const messages = splitPieces('', [fence(line)], LIMIT, 9) ?? []
  for (const message of messages) expect(textLength(message, 'runes')).toBeLessThanOrEqual(60)
  expect(messages.join('').replace(/```(py)?|\n/g, '')).toBe(line)
})

test.each([
  ['runes', 3],
  ['utf16', 4],
  ['bytes', 7],
] as const)('in %s, "é😀a" has length %i', (unit, length) => {
  expect(textLength('é😀a', unit)).toBe(length)
})

test('more messages than allowed are none', () => {
  expect(splitPieces('', [fence('row\n'.repeat(200))], LIMIT, 4)).toBeUndefined()
})

test('a table row longer than a message is shown as text', () => {
  const table: Piece = { kind: 'table', head: ['| n |', '| - |'], rows: [`| ${'z'.repeat(90)} |`] }
  const messages = splitPieces('', [table], LIMIT, 9) ?? []
  expect(messages.join('').match(/z/g)).toHaveLength(90)
  for (const message of messages) expect(textLength(message, 'runes')).toBeLessThanOrEqual(60)
})
