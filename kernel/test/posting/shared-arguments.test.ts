// Lines of the magics that post: their targets, flags and message, or what is wrong with them.
// Cases that the Python package runs too.
import { expect, test } from '@jest/globals'
import { z } from 'zod'
import { usageText } from '../../../post/arguments/usage.ts'
import flags from '../../../post/contract/flags.json' with { type: 'json' }
import { flagsOf, mistake } from '../../../post/contract/flags.ts'
import { fixture } from '../../../post/test/helpers/fixture.ts'
import { parseCellArguments, parseLineArguments } from '../../src/magics/arguments.ts'
import { UsageError } from '../../../post/arguments/usage-error.ts'
import { conditionOf, refuseContradictions } from '../../src/posting/condition.ts'
import { requiredTarget } from '../../src/posting/post-parts.ts'

const Outcome = z.object({
  targets: z.array(z.string()).optional(),
  flags: z.record(z.string(), z.array(z.string())).optional(),
  message: z.string().optional(),
  error: z.string().optional(),
})
const CASES = fixture(
  'arguments',
  z.array(Outcome.extend({ magic: z.enum(['%post', '%%post', '%autopost']), line: z.string() })),
)
type Case = (typeof CASES)[number]

function outcome({ magic, line }: Case): z.infer<typeof Outcome> {
  const table = { ...flagsOf(magic), words: 1 }
  try {
    const parsed = (magic === '%post' ? parseLineArguments : parseCellArguments)(line, table)
    const targets = requiredTarget(parsed)
    conditionOf(parsed)
    refuseContradictions(parsed)
    const message = parsed.words[1]
    return {
      targets,
      ...(parsed.flags.size === 0 ? {} : { flags: Object.fromEntries(parsed.flags) }),
      ...(message === undefined ? {} : { message }),
    }
  } catch (error) {
    if (!(error instanceof UsageError)) throw error
    const [words] = error.message.split('\nUsage: ')
    return { error: words }
  }
}

test.each(CASES)('$magic $line', (row) => {
  const { magic: _magic, line: _line, ...expected } = row
  expect(outcome(row)).toEqual(expected)
})

const { help, mistakes } = fixture(
  'flags',
  z.object({
    help: z.record(z.enum(['%post', '%%post', '%autopost']), z.string()),
    mistakes: z.array(
      z.object({
        name: z.string(),
        values: z.record(z.string(), z.union([z.string(), z.number()])),
        text: z.string(),
      }),
    ),
  }),
)

test('help of each magic', () => {
  const shown = Object.keys(flags.magics)
    .filter((magic) => isMagic(magic))
    .map((magic) => [magic, `${flagsOf(magic).summary}\n\n${usageText(flagsOf(magic))}`])
  expect(Object.fromEntries(shown)).toEqual(help)
})

const isMagic = (name: string): name is keyof typeof flags.magics =>
  Object.hasOwn(flags.magics, name)

const isMistake = (name: string): name is keyof typeof flags.mistakes =>
  Object.hasOwn(flags.mistakes, name)

test.each(mistakes)('mistake $name', ({ name, values, text }) => {
  expect(isMistake(name) && mistake(name, values)).toBe(text)
})

test('each mistake has a case', () => {
  expect(mistakes.map(({ name }) => name).toSorted()).toEqual(
    Object.keys(flags.mistakes).toSorted(),
  )
})
