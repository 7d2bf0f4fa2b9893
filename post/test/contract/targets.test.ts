// Targets as people type them: cases that the Python package runs too.
import { expect, test } from '@jest/globals'
import { z } from 'zod'
import { parseTargets } from '../../contract/target.ts'
import { fixture } from '../helpers/fixture.ts'

const cases = fixture(
  'targets',
  z.array(
    z.object({
      text: z.string(),
      targets: z.array(z.string()).optional(),
      error: z.literal(true).optional(),
    }),
  ),
)

test.each(cases)('$text is read as $targets', ({ text, targets }) => {
  if (targets === undefined) expect(() => parseTargets(text)).toThrow('is no target')
  else expect(parseTargets(text)).toEqual(targets)
})
