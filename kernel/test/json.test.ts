import { expect, test } from '@jest/globals'
import { MAX_DEPTH, toJson } from '../src/protocol/json.ts'

const cycle: Record<string, unknown> = { name: 'c' }
cycle['self'] = cycle

/** Lists and objects in turn, `levels` deep; keys and the value look like brackets. */
function nested(levels: number, value: unknown = '}"]\\'): Record<string, unknown> {
  let inner = value
  for (let level = levels; level > 1; level--) inner = level % 2 === 0 ? [inner] : { '[{"': inner }
  return { inner, 'beside\\': '[['.repeat(MAX_DEPTH) }
}

test.each<[string, Record<string, unknown>, Record<string, unknown>]>([
  ['NaN and infinities', { a: NaN, b: [Infinity] }, { a: null, b: [null] }],
  ['a BigInt', { a: 12n }, { a: '12' }],
  ['a lone surrogate', { 'k\ud800': 'a\udc00b' }, { 'k\ufffd': 'a\ufffdb' }],
  ['text that looks like an escaped surrogate', { a: '\\ud800' }, { a: '\\ud800' }],
  ['a cycle', { cycle }, { cycle: { name: 'c', self: '[circular]' } }],
  [
    'a throwing getter beside a good value',
    {
      good: 1n,
      bad: {
        get no() {
          throw new Error('no!')
        },
      },
    },
    { good: '1', bad: '[unreadable: no!]' },
  ],
  [
    'a throwing toJSON',
    {
      a: {
        toJSON() {
          throw new Error('not me')
        },
      },
    },
    { a: '[unreadable: not me]' },
  ],
  ['a date', { a: new Date(0), b: 1n }, { a: '1970-01-01T00:00:00.000Z', b: '1' }],
  ['undefined in a list', { a: [undefined, 1n] }, { a: [null, '1'] }],
])('%s becomes JSON that every client parses', (_name, value, expected) => {
  expect(JSON.parse(toJson(value))).toEqual(expected)
})

test('20,000 levels are cut, not thrown at', () => {
  expect(toJson(nested(20_000))).toContain('[too deep]')
})

test('what is as deep as CPython can copy is sent as it is, brackets within texts are no levels', () => {
  expect(JSON.parse(toJson(nested(MAX_DEPTH)))).toEqual(nested(MAX_DEPTH))
})

test('one level more is cut, whether V8 would write it or not', () => {
  const cut = JSON.parse(toJson(nested(MAX_DEPTH + 1))) as unknown
  expect(cut).toEqual(nested(MAX_DEPTH, '[too deep]'))
  expect(toJson(nested(MAX_DEPTH + 1, 1n))).toContain('"[too deep]"')
})

test('many lists beside each other are not deep', () => {
  const wide = { rows: Array.from({ length: 1000 }, () => [[1], { a: '\\"' }]) }
  expect(toJson(wide)).toBe(JSON.stringify(wide))
})
