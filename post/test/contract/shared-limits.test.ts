// What is just within a limit and what is over it: cases that the Python package runs too.
import { describe, expect, test } from '@jest/globals'
import { z } from 'zod'
import { askPerson } from '../../api/ask.ts'
import { checkLimits, textBytes } from '../../contract/limits.ts'
import { Ask } from '../../contract/question.ts'
import { Block, DEFAULT_LIMITS, Limits } from '../../contract/schema.ts'
import document from '../../contract/limits.json' with { type: 'json' }
import { firstUnits, lastUnits } from '../../contract/units.ts'
import { fixture } from '../helpers/fixture.ts'

/** A long text or list made of one part: `{ repeat: 'x', times: 101 }`. */
const Repeated = z.object({ repeat: z.unknown(), times: z.int() })
function whole(value: unknown): unknown {
  const { data } = Repeated.safeParse(value)
  if (typeof data?.repeat === 'string') return data.repeat.repeat(data.times)
  if (data !== undefined) return Array.from({ length: data.times }, () => data.repeat)
  if (Array.isArray(value)) return value.map(whole)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, whole(part)]))
}

const Text = z.preprocess(whole, z.string())

const cases = fixture(
  'limits',
  z.object({
    counted: z.array(z.object({ name: z.string(), block: Block, bytes: z.int() })),
    refused: z.array(
      z.object({
        name: z.string(),
        limits: Limits.default(DEFAULT_LIMITS),
        blocks: z.preprocess(whole, z.array(Block)),
        files: z.preprocess(whole, z.array(z.object({ name: z.string(), bytes: z.int() }))),
        error: z.string().optional(),
      }),
    ),
    questions: z.array(
      z.object({
        name: z.string(),
        choices: z.array(Text),
        timeout: z.string().optional(),
        timeoutMs: z.int().optional(),
        otherwise: Text.optional(),
        sent: z.array(z.string()).optional(),
        error: z.string().optional(),
      }),
    ),
    values: z.record(z.string(), z.record(z.string(), z.union([z.number(), z.boolean()]))),
    units: z.array(
      z.object({ text: z.string(), most: z.int(), first: z.string(), last: z.string() }),
    ),
  }),
)

test.each(cases.counted)('a post counts as many bytes: $name', ({ block, bytes }) => {
  expect(textBytes([block])).toBe(bytes)
})

describe('a post of', () => {
  test.each(cases.refused)('$name', ({ limits, blocks, files, error }) => {
    const mimetype = 'application/octet-stream'
    const sent = files.map((file) => ({ ...file, mimetype, bytes: Buffer.alloc(file.bytes) }))
    const check = () => checkLimits({ blocks, files: sent }, limits)
    if (error === undefined) expect(check).not.toThrow()
    else expect(check).toThrow(expect.objectContaining({ code: 'too_large', message: error }))
  })
})

describe('a question with', () => {
  test.each(cases.questions)('$name', async (row) => {
    const { choices, timeout, otherwise, sent, error } = row
    const asked: Ask[] = []
    const transport = {
      ask: async ({ ask }: { ask: Ask }) => {
        asked.push(ask)
        return ''
      },
    }
    const options = {
      ...(timeout === undefined ? {} : { timeout }),
      ...(otherwise === undefined ? {} : { otherwise }),
    }
    const asking = askPerson(['@me', 'Continue?', choices, options], () => transport)
    if (error === undefined) {
      await asking
      // What the client lets through, the relay takes.
      expect(asked.map((ask) => Ask.parse(ask))).toEqual(asked)
      expect(asked).toMatchObject([{ choices: sent ?? choices }])
      if (row.timeoutMs !== undefined) expect(asked[0]?.timeoutMs).toBe(row.timeoutMs)
    } else {
      const message = expect.stringMatching(new RegExp(`^${RegExp.escape(error)}`))
      await expect(asking).rejects.toMatchObject({ code: 'bad_request', message })
    }
  })
})

test.each(cases.units)('$most units of $text', ({ text, most, first, last }) => {
  expect([firstUnits(text, most), lastUnits(text, most)]).toEqual([first, last])
})

test('what no case shows has the same values', () => {
  expect(document).toMatchObject(cases.values)
})
