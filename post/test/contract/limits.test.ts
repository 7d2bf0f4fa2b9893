// The size of a post's text, counted as JSON writes it, so that a megabyte stays about a megabyte
// wherever it is sent, stored and shown.
import { expect, test } from '@jest/globals'

import { checkLimits, mostHtml, textBytes } from '../../contract/limits.ts'
import { DEFAULT_LIMITS } from '../../contract/schema.ts'
import type { Block } from '../../contract/schema.ts'

const text = (content: string): Block => ({ type: 'text', text: content })

test.each([
  ['letters', text('abc'), 3],
  ['letters beyond ASCII, in UTF-8', text('é€😀'), 9],
  ['line ends and tabs', text('a\n\t\r\n'), 5],
  ['control characters', text('\u0000\u0001\u001b[31m'), 22],
  ['cells, also empty ones', { type: 'table' as const, columns: ['a'], rows: [['', 'b'], []] }, 7],
])('%s count as many bytes as a post carries for them', (_name, block, bytes) => {
  expect(textBytes([block])).toBe(32 + bytes)
})

const html = (markup: string, plain = ''): Block => ({ type: 'html', html: markup, text: plain })

const tags = (size: number) => ({ blocks: [html('<p>'.repeat(size / 3))], files: [] })

test('HTML may be four times as long as text, for a relay that reads it', () => {
  const { html: _, ...older } = DEFAULT_LIMITS
  expect(mostHtml(DEFAULT_LIMITS)).toBe(4 * 1024 * 1024)
  checkLimits(tags(4_000_000), DEFAULT_LIMITS)
  expect(() => checkLimits(tags(5_000_000), DEFAULT_LIMITS)).toThrow(
    '4.8 MB of HTML; the relay takes up to 4.0 MB',
  )
  checkLimits(tags(1_000_000), older)
  expect(() => checkLimits(tags(4_000_000), older)).toThrow('3.8 MB of text')
})

test.each([
  ['control characters', text('\u0001'.repeat(100_000))],
  ['empty cells', { type: 'table' as const, columns: [], rows: [Array<string>(50_000).fill('')] }],
  [
    'empty rows',
    { type: 'table' as const, columns: [], rows: Array.from({ length: 50_000 }, () => []) },
  ],
  ['quotes', text('"\\'.repeat(50_000))],
])('JSON makes no more than four times of what %s count', (_name, block) => {
  expect(JSON.stringify([block]).length).toBeLessThan(4 * textBytes([block]))
})
