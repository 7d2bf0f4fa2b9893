// What is said of a `${...}` that is no expression of TypeScript.
import { expect, test } from '@jest/globals'
import { interpolation } from '../../src/cell/interpolation.ts'

test.each(['${loss:.3f}', '${loss:>10}', '${name!r}', '${name!s:>10}', '${d.a[0]:,}'])(
  '%s is told as a format of Python, with what to write instead',
  (text) => {
    expect(() => interpolation(`a ${text} b`)).toThrow(
      /holds no valid expression.*are Python.*toFixed/,
    )
  },
)

test.each(['${a b}', '${1 +}', '${x: y: z}', '${'])('%s is not', (text) => {
  expect(() => interpolation(text)).toThrow(/To have `\$\{` as text/)
  expect(() => interpolation(text)).not.toThrow('Python')
})

test('a condition and an object with a colon are expressions', () => {
  expect(interpolation('${ok ? 1 : 2} ${({ a: 1 }).a}').fills).toHaveLength(2)
})
