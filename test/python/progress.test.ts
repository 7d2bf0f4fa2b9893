// What Python and TypeScript share as a file: the looks of progress posts. The Python side is python/test/posting/test_progress.py.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { z } from 'zod'
import { progressBlocks, progressSource } from '../../post/api/progress-state.ts'
import { Block, Source } from '../../post/contract/schema.ts'

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

const fixture = join(import.meta.dirname, 'fixtures/progress-states.json')
const cases = z.array(Case).parse(JSON.parse(readFileSync(fixture, 'utf8')))

test.each(cases.map((row) => [row.name, row] as const))(
  'a progress post looks as in Python: %s',
  (_, { state, now, blocks, source }) => {
    expect(progressBlocks(state, now)).toEqual(blocks)
    expect(progressSource(state, now)).toEqual(source)
  },
)
