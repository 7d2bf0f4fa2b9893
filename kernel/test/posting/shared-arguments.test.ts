// Lines of the magics that post: what targets, flags and message they hold, or what is wrong. The Python package runs the same cases.
import { expect, test } from '@jest/globals'
import { z } from 'zod'
import { flagsOf } from '../../../post/contract/flags.ts'
import { fixture } from '../../../post/test/helpers/fixture.ts'
import { parseCellArguments, parseLineArguments } from '../../src/magics/arguments.ts'
import { UsageError } from '../../../post/arguments/usage-error.ts'
import { conditionOf } from '../../src/posting/condition.ts'
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
    conditionOf(parsed)
    const message = parsed.words[1]
    return {
      targets: requiredTarget(parsed),
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
