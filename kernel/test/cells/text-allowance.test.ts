import { expect, test } from '@jest/globals'
import { TextAllowance, textLimit } from '../../src/cells/text-allowance.ts'

/** An allowance of one million units, with its own clock. */
function allowance(): { one: TextAllowance; wait: (seconds: number) => void } {
  let now = 0
  return {
    one: new TextAllowance(1_000_000, () => now),
    wait: (seconds) => (now += seconds * 1000),
  }
}

test('text up to the limit passes; the first beyond it is cut, and says so', () => {
  const { one } = allowance()
  expect(one.take('x'.repeat(999_990))).toEqual({ text: 'x'.repeat(999_990) })
  const { text, after } = one.take('y'.repeat(100))
  expect(text).toBe('y'.repeat(10))
  expect(after).toContain('more than 1 MB of text')
  expect(one.take('z')).toEqual({ text: '' })
})

test('at the end of the cell it says how much is missing, once', () => {
  const { one } = allowance()
  one.take('x'.repeat(3_500_000))
  expect(one.end()).toContain('2.5 MB of text were left out')
  expect(one.end()).toBeUndefined()
})

test('a surrogate pair is not cut', () => {
  const { one } = allowance()
  one.take('x'.repeat(999_999))
  expect(one.take('😀')).toMatchObject({ text: '' })
})

test('a cell that reports progress for days is never cut; one that flooded goes on later, after a word', () => {
  const { one, wait } = allowance()
  for (let second = 0; second < 10_000; second++) {
    expect(one.take('x'.repeat(5000)).after).toBeUndefined()
    wait(1)
  }
  one.take('x'.repeat(2_000_000))
  wait(1)
  expect(one.take('soon')).toEqual({ text: '' })
  wait(11)
  const later = one.take('later')
  expect(later).toMatchObject({ text: 'later', before: expect.stringContaining('1.0 MB') })
})

test('clearing the output makes room', () => {
  const { one } = allowance()
  one.take('x'.repeat(2_000_000))
  one.clear()
  expect(one.take('again')).toEqual({ text: 'again' })
})

test.each([
  [undefined, 16_000_000, 0],
  ['2', 2_000_000, 0],
  ['0.5', 500_000, 0],
  ['0', 16_000_000, 1],
  ['much', 16_000_000, 1],
])('the limit for %j is %i, with %i lines in the log', (value, expected, lines) => {
  const log: string[] = []
  const env = value === undefined ? {} : { JUPYTERPOST_OUTPUT_LIMIT_MB: value }
  expect(textLimit(env, (line) => log.push(line))).toBe(expected)
  expect(log).toHaveLength(lines)
})
