// Where the code of a line such as `%timeit -n 10 f(x)` begins and ends, and what it is.
import { expect, test } from '@jest/globals'
import { codeLine, formOf } from '../../src/cell/code-line.ts'

const FLAGS = [
  { name: '--loops', short: '-n', value: 'N' },
  { name: '--quiet', short: '-q' },
]

test.each([
  ['f(x)', {}, 'f(x)', false],
  ['-n 10 f(x);', { loops: '10' }, 'f(x)', false],
  ['-n10  -q f(x) ;; ', { loops: '10', quiet: '' }, 'f(x)', true],
  ['--loops=7 --quiet -x', { loops: '7', quiet: '' }, '-x', false],
  ['-5 + 3', {}, '-5 + 3', false],
  ['-nothing', {}, '-nothing', false],
  ['-- -n 5', {}, '-n 5', false],
  ['-n', { loops: '' }, '', false],
  ['', {}, '', false],
  ['a; b;', {}, 'a; b', false],
])('%j has the options %j and the code %j', (line, options, code, isQuiet) => {
  const found = codeLine(line, FLAGS)
  expect(found).toMatchObject({ options, isQuiet })
  expect(line.slice(found.start, found.end)).toBe(code)
})

test.each([
  ['f(x)', 'expression'],
  ['{ a: 1 }', 'expression'],
  ['await f(x)', 'async expression'],
  ['const a = 1', 'statements'],
  ['a; b', 'statements'],
  ['const a = await b', 'async statements'],
  ['f(', 'statements'],
  ['a) + (b', 'statements'],
])('%j is %s', (code, form) => {
  expect(formOf(code)).toBe(form)
})
