import { expect, test } from '@jest/globals'
import { toCodePoints, toUtf16 } from '../src/protocol/codepoints.ts'

test.each([
  ['a', 0, 0],
  ['a', 1, 1], // ASCII
  ['é', 1, 1], // BMP, outside ASCII
  ['𝒳y', 1, 2], // astral: one code point, two UTF-16 units (messaging spec 5.2, cursor_pos)
  ['𝒳y', 2, 3],
  ['x="𝐚𝐚"; pri', 10, 12],
  ['👩‍👩‍👧', 5, 8], // joined by ZWJ: five code points, one picture
])('cursor_pos in %j: code point %i is UTF-16 unit %i', (code, point, unit) => {
  expect(toUtf16(code, point)).toBe(unit)
  expect(toCodePoints(code, unit)).toBe(point)
})

test.each([
  ['ab', -1, 0],
  ['ab', 9, 2],
  ['ab', 1.5, 1],
  ['𝒳', 9, 2],
  ['', 1, 0],
])(
  'a cursor_pos outside %j, or between its characters, is clamped: %d becomes %d',
  (code, point, unit) => {
    expect(toUtf16(code, point)).toBe(unit)
  },
)

test('an offset inside a surrogate pair counts as before the pair', () => {
  expect(toCodePoints('a𝒳b', 2)).toBe(1)
})
