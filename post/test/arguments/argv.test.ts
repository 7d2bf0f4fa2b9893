// The flags in a program's arguments.
import { expect, test } from '@jest/globals'
import { parseArgv } from '../../arguments/argv.ts'
import { UsageError } from '../../arguments/usage-error.ts'
import type { Flag } from '../../contract/flags.ts'

const FLAGS: readonly Flag[] = [
  { name: '--number', short: '-n', value: 'N', description: 'how many' },
  { name: '--json', description: 'as JSON' },
]

test.each([
  [['a', '--json', 'b'], ['a', 'b'], { json: [''] }],
  [['-n', '007', 'a'], ['a'], { number: ['007'] }],
  [['-n=5', '--number=6'], [], { number: ['5', '6'] }],
  [['-5C', '-x', '-'], ['-5C', '-x', '-'], {}],
  [['-n', '-5', 'a'], ['a'], { number: ['-5'] }],
  [['a', '--', '--json', '--bogus'], ['a', '--json', '--bogus'], {}],
])('%j', (argv, words, flags) => {
  const parsed = parseArgv(argv, FLAGS)
  expect([parsed.words, Object.fromEntries(parsed.flags)]).toEqual([words, flags])
})

test.each([
  [['--bogus'], 'Unknown flag --bogus'],
  [['a', '--no-json=x'], 'Unknown flag --no-json'],
  [['--number'], '--number needs a value'],
  [['-n', '--json'], '--number needs a value'],
  [['-n', '--', 'a'], '--number needs a value'],
  [['--number='], '--number needs a value'],
  [['--number', '--bogus'], 'Unknown flag --bogus'],
  [['--json=1'], '--json takes no value'],
])('%j is a mistake', (argv, words) => {
  expect(() => parseArgv(argv, FLAGS)).toThrow(new UsageError(words))
})
