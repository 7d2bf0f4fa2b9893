// How progress posts look: cases that Python runs too, in python/test/posting/test_progress.py.
import { expect, test } from '@jest/globals'
import { z } from 'zod'
import { progressBlocks, progressSource } from '../../api/progress-state.ts'
import { Block, Source } from '../../contract/schema.ts'
import { fixture } from '../helpers/fixture.ts'

const Case = z.object({
  name: z.string(),
  state: z.object({
    title: z.string(),
    total: z.number().optional(),
    count: z.number(),
    startedAt: z.int(),
    line: z.string(),
    status: z.enum(['running', 'done', 'ended', 'failed', 'interrupted', 'stopped']),
    error: z.object({ name: z.string(), message: z.string() }).optional(),
  }),
  now: z.int(),
  blocks: z.array(Block),
  source: Source,
})

test.each(fixture('progress', z.array(Case)).map((row) => [row.name, row] as const))(
  'a progress post looks as in Python: %s',
  (_, { state, now, blocks, source }) => {
    expect(progressBlocks(state, now)).toEqual(blocks)
    expect(progressSource(state, now)).toEqual(source)
  },
)
