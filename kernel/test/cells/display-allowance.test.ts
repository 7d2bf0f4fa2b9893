import { expect, test } from '@jest/globals'
import { DisplayAllowance, sizeOf } from '../../src/cells/display-allowance.ts'

const MB = 1_000_000

/** An allowance of eight million units, with its own clock. */
function allowance(): { one: DisplayAllowance; wait: (seconds: number) => void } {
  let now = 0
  return {
    one: new DisplayAllowance(MB, () => now),
    wait: (seconds) => (now += seconds * 1000),
  }
}

test('displays up to the limit are shown; the first beyond it is left out, and says so, once', () => {
  const { one } = allowance()
  for (let count = 0; count < 7; count++) expect(one.take(MB)).toEqual({ isShown: true })
  expect(one.take(MB)).toEqual({
    isShown: false,
    notice: expect.stringContaining('more than 8 MB of displays'),
  })
  expect(one.take(MB)).toEqual({ isShown: false })
  expect(one.end()).toContain('2 displays, 2.0 MB in all, were left out')
  expect(one.end()).toBeUndefined()
})

test('a flood of small displays ends too', () => {
  const { one } = allowance()
  let shown = 0
  while (shown < 100_000 && one.take(1).isShown) shown += 1
  expect(shown).toBe(15_968)
})

test('a display that alone is too much is left out; the next is shown after a word', () => {
  const { one } = allowance()
  expect(one.take(9 * MB).isShown).toBe(false)
  expect(one.take(1)).toEqual({
    isShown: true,
    notice: expect.stringContaining('1 display of 9.0 MB was left out'),
  })
})

test('after a flood displays go on later', () => {
  const { one, wait } = allowance()
  while (one.take(MB).isShown);
  one.take(0.5 * MB)
  wait(1)
  expect(one.take(1).isShown).toBe(true)
  while (one.take(0.4 * MB).isShown);
  expect(one.take(1)).toEqual({ isShown: false })
  wait(5)
  expect(one.take(1)).toMatchObject({ isShown: true, notice: expect.stringContaining('left out') })
})

test('updates are shown for days, unless one alone is too much', () => {
  const { one } = allowance()
  for (let count = 0; count < 1000; count++) expect(one.takeReplacing(MB).isShown).toBe(true)
  expect(one.takeReplacing(9 * MB).isShown).toBe(false)
})

test('clearing the output makes room', () => {
  const { one } = allowance()
  while (one.take(MB).isShown);
  one.clear()
  expect(one.take(MB)).toEqual({ isShown: true })
})

test('the size of a value is that of its texts, keys and buffers', () => {
  expect(sizeOf({ a: 'xyz', b: [1, 'xx'], c: new Uint8Array(5) })).toBe(3 + 3 + 12 + 5)
})
