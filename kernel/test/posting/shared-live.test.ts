// What the post of a live cell shows of its outputs: cases that the Python package runs too.
import { expect, test } from '@jest/globals'
import { z } from 'zod'
import { Block, DEFAULT_LIMITS } from '../../../post/contract/schema.ts'
import { fixture } from '../../../post/test/helpers/fixture.ts'
import type { CapturedOutput } from '../../src/capture/outputs.ts'
import { stateBlocks } from '../../src/posting/live-state.ts'

const Case = z.object({
  name: z.string(),
  status: z.enum(['running', 'ok']),
  outputs: z.array(z.custom<CapturedOutput>()),
  blocks: z.array(Block),
  /** How many files there are. */
  files: z.int(),
})

test.each(fixture('live', z.array(Case)))('$name', ({ status, outputs, blocks, files }) => {
  const cell = { cellId: 'c', executionCount: 1, source: '', leftOut: [], status, outputs }
  const endedAt = status === 'running' ? undefined : 1250
  const shown = stateBlocks({ ...cell, startedAt: 0, endedAt }, false, DEFAULT_LIMITS)
  expect(shown.blocks).toEqual(blocks)
  expect(shown.files).toHaveLength(files)
})
