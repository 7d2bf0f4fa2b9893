import { expect, test } from '@jest/globals'
import { hintsOf } from '../../secrets/hints.ts'

test.each([
  ['a GitHub token ghp_x', 'ghp_', true],
  ['ghp', 'ghp_', false],
  ['ghp_', 'ghp_', true],
  ['g h p _', 'ghp_', false],
  ['a=b', '=', true],
  ['ab', '=', false],
  ['', '=', false],
  // Other characters share a table with those of ASCII: that only makes a search more.
  ['\u00e7\u00e8p_', 'ghp_', false],
  ['\u00e7\u00e8p_ghp_', 'ghp_', true],
])('in %j the hint %j is there: %j', (text, hint, isThere) => {
  expect(hintsOf(text)(hint)).toBe(isThere)
})

test('an answer about one text stays right when another text was looked at', () => {
  const first = hintsOf('sk-1')
  const second = hintsOf('hf_2')
  expect([first('sk-'), first('hf_'), second('sk-'), second('hf_')]).toEqual([
    true,
    false,
    false,
    true,
  ])
})
