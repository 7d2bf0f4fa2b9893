// What `status` answers in the chat: cases that the Python package runs too.
import { expect, test } from '@jest/globals'
import { z } from 'zod'
import { Block } from '../../../post/contract/schema.ts'
import { fixture } from '../../../post/test/helpers/fixture.ts'
import type { CapturedOutput } from '../../src/capture/outputs.ts'
import { outputText, statusBlocks } from '../../src/posting/cell-status.ts'

const Case = z.object({
  name: z.string(),
  outputs: z.array(z.custom<CapturedOutput>()),
  progress: z.array(Block),
  blocks: z.array(Block),
})

test.each(fixture('status', z.array(Case)))('$name', ({ outputs, progress, blocks }) => {
  const cell = { cellId: 'c', executionCount: 1, source: '', startedAt: 0, leftOut: [], outputs }
  const text = outputText({ ...cell, endedAt: undefined, status: 'running' })
  expect(statusBlocks(text, progress)).toEqual(blocks)
})
