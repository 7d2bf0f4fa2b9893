// Text cut by bytes: between words, because half a secret is not recognised, and never inside a
// character.
import { expect, test } from '@jest/globals'
import { firstBytes, lastBytes } from '../../src/capture/bytes.ts'

test.each([
  ['one two three', 13, 'one two three', 'one two three'],
  ['one two three', 10, 'one two ', ' two three'],
  ['one two three', 7, 'one two', ' three'],
  ['one two three', 5, 'one ', 'three'],
  ['é'.repeat(9), 5, 'éé', 'éé'],
  [`a\n${'x'.repeat(5000)}\nb`, 3000, `a\n${'x'.repeat(2998)}`, `${'x'.repeat(2998)}\nb`],
])('of %j at most %i bytes are %j and %j', (text, bytes, first, last) => {
  expect(firstBytes(text, bytes)).toBe(first)
  expect(lastBytes(text, bytes)).toBe(last)
})
