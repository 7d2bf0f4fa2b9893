import { expect, test } from '@jest/globals'
import { toJson } from '../src/protocol/json.ts'

const cycle: Record<string, unknown> = { name: 'c' }
cycle['self'] = cycle

let deep: Record<string, unknown> = {}
for (let level = 0; level < 20_000; level++) deep = { deep }

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
  expect(toJson(deep)).toContain('[too deep]')
})
