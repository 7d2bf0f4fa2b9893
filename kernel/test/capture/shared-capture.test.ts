// What Python and TypeScript share as files: golden posts of cells, and the shapes of secrets. The
// Python side of each is in python/test.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { z } from 'zod'
import { captureCell } from '../../kernel/src/capture/blocks.ts'
import type { CapturedOutput } from '../../kernel/src/capture/outputs.ts'
import { Block, Limits } from '../../post/contract/schema.ts'
import { SHAPES_FILE, shapesText } from './helpers/shapes.ts'

const Case = z.object({
  name: z.string(),
  stderr: z.boolean(),
  limits: Limits,
  cell: z.object({
    executionCount: z.int(),
    startedAt: z.int(),
    endedAt: z.int(),
    status: z.enum(['ok', 'failed']),
    outputs: z.array(z.custom<CapturedOutput>()),
    leftOut: z.array(z.string()),
  }),
  post: z.object({
    blocks: z.array(Block),
    files: z.array(z.object({ name: z.string(), mimetype: z.string(), base64: z.string() })),
  }),
})

const fixture = join(import.meta.dirname, 'fixtures/captured-cells.json')
const cases = z.array(Case).parse(JSON.parse(readFileSync(fixture, 'utf8')))

test.each(cases.map((row) => [row.name, row] as const))(
  'the post of a cell is the one that Python gives: %s',
  (_, { cell, stderr, limits, post }) => {
    const captured = captureCell({ cellId: 'c', source: '', ...cell }, { stderr, limits })
    const files = captured.files.map(({ name, mimetype, bytes }) => ({
      name,
      mimetype,
      base64: Buffer.from(bytes).toString('base64'),
    }))
    expect({ blocks: captured.blocks, files }).toEqual(post)
  },
)

test('Python knows the same looks of secrets (if not: node test/python/helpers/shapes.ts)', async () => {
  expect(readFileSync(SHAPES_FILE, 'utf8')).toBe(await shapesText())
})
