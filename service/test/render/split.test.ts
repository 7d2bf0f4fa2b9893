import { expect, test } from '@jest/globals'
import type { Piece } from '../../render/pieces.ts'
import { splitPieces, textLength } from '../../render/split.ts'

const LIMIT = { max: 60, unit: 'runes' } as const
const HEAD = { first: 'head', later: (n: number, of: number) => `head ${n}/${of}` }
const NONE = { first: '', later: () => '' }
const prose = (text: string): Piece => ({ kind: 'prose', text })
const fence = (text: string): Piece => ({ kind: 'fence', language: 'py', text })

test('what fits is one message, pieces a blank line apart', () => {
  expect(splitPieces(HEAD, [prose('a'), fence('b')], LIMIT, 4)).toEqual([
    'head\n\na\n\n```py\nb\n```',
  ])
})

test('a fence is closed at a line and opened again', () => {
  const lines = Array.from({ length: 8 }, (_, index) => `line number ${index}`)
  const messages = splitPieces(HEAD, [fence(lines.join('\n'))], LIMIT, 9) ?? []
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
  const messages = splitPieces(NONE, [table], LIMIT, 9) ?? []
  for (const message of messages) expect(message).toMatch(/^\| n \| t \|\n\| - \| - \|\n\| \d/)
  expect(messages.join('\n').match(/\d/g)).toHaveLength(9)
})

test('prose is cut at a paragraph, a line, a space, and only then within a word', () => {
  const paragraph = 'x'.repeat(40)
  expect(splitPieces(NONE, [prose(`${paragraph}\n\n${paragraph}`)], LIMIT, 4)).toEqual([
    paragraph,
    paragraph,
  ])
  expect(splitPieces(NONE, [prose(`${paragraph} ${paragraph}`)], LIMIT, 4)?.[0]).toBe(paragraph)
  expect(splitPieces(NONE, [prose('y'.repeat(100))], LIMIT, 4)).toEqual([
    'y'.repeat(60),
    'y'.repeat(40),
  ])
})

test('one line longer than a message is cut without losing a character', () => {
  const line = '😀'.repeat(150)
  const messages = splitPieces(NONE, [fence(line)], LIMIT, 9) ?? []
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
  expect(splitPieces(NONE, [fence('row\n'.repeat(200))], LIMIT, 4)).toBeUndefined()
})

test('a table row longer than a message is shown as text', () => {
  const table: Piece = { kind: 'table', head: ['| n |', '| - |'], rows: [`| ${'z'.repeat(90)} |`] }
  const messages = splitPieces(NONE, [table], LIMIT, 9) ?? []
  expect(messages.join('').match(/z/g)).toHaveLength(90)
  for (const message of messages) expect(textLength(message, 'runes')).toBeLessThanOrEqual(60)
})

test('each message begins with its heading, whose place is kept free', () => {
  const text = Array.from({ length: 40 }, (_, n) => `word${n}`).join(' ')
  const messages = splitPieces(HEAD, [prose(text)], LIMIT, 9) ?? []
  expect(messages.length).toBeGreaterThan(3)
  for (const [n, message] of messages.entries()) {
    expect(message).toMatch(
      n === 0 ? /^head\n\nword0/ : new RegExp(`^head ${n + 1}/${messages.length}\n\nword`),
    )
    expect(textLength(message, 'runes')).toBeLessThanOrEqual(60)
  }
})

test('a heading longer than a message leaves room for the text, which is not lost', () => {
  const long = 'h'.repeat(80)
  const messages = splitPieces(
    { first: long, later: () => long },
    [prose('z'.repeat(90))],
    LIMIT,
    9,
  )
  expect(messages?.join('').match(/z/g)).toHaveLength(90)
})
