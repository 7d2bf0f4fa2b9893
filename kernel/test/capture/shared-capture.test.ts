// The posts of what cells show, and which of their outputs are kept: cases that the Python package
// runs too.
import { expect, test } from '@jest/globals'
import { z } from 'zod'
import { captureCell } from '../../src/capture/blocks.ts'
import type { CapturedOutput } from '../../src/capture/outputs.ts'
import { Recording } from '../../src/capture/recording.ts'
import { Block, Limits } from '../../../post/contract/schema.ts'
import { fixture } from '../../../post/test/helpers/fixture.ts'

const Case = z.object({
  name: z.string(),
  stderr: z.boolean(),
  limits: Limits,
  cell: z.object({
    executionCount: z.int(),
    startedAt: z.int(),
    endedAt: z.int(),
    status: z.enum(['ok', 'failed', 'interrupted']),
    outputs: z.array(z.custom<CapturedOutput>()),
    leftOut: z.array(z.string()),
  }),
  post: z.object({
    blocks: z.array(Block),
    files: z.array(z.object({ name: z.string(), mimetype: z.string(), base64: z.string() })),
  }),
})

test.each(fixture('capture', z.array(Case)).map((row) => [row.name, row] as const))(
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

const Data = z.record(z.string(), z.json())
const Event = z.union([
  z.object({ stream: z.enum(['stdout', 'stderr']), text: z.string(), times: z.int().default(1) }),
  z.object({ display: Data, id: z.string().optional() }),
  z.object({ update: Data, id: z.string() }),
  z.object({ clear: z.enum(['now', 'before the next']) }),
])
const RecordingCase = z.object({
  name: z.string(),
  bounds: z.object({ text: z.int(), displays: z.int() }),
  events: z.array(Event),
  ended: z.boolean().default(false),
  kept: z.object({ outputs: z.array(z.json()), leftOut: z.array(z.string()) }),
})

function content(data: z.infer<typeof Data>, id: string | undefined) {
  return { data, metadata: {}, ...(id === undefined ? {} : { transient: { display_id: id } }) }
}

function record(recording: Recording, event: z.infer<typeof Event>): void {
  const cellId = 'c'
  if ('stream' in event) {
    for (let n = 0; n < event.times; n += 1) {
      const text = event.text.replaceAll('{n}', String(n).padStart(4, '0'))
      recording.add({ type: 'stream', cellId, name: event.stream, text })
    }
  } else if ('display' in event) {
    recording.add({ type: 'display_data', cellId, content: content(event.display, event.id) })
  } else if ('update' in event) {
    recording.update(content(event.update, event.id))
  } else {
    recording.add({ type: 'clear_output', cellId, wait: event.clear === 'before the next' })
  }
}

test.each(fixture('recordings', z.array(RecordingCase)))(
  "what is kept of a cell's outputs: $name",
  ({ bounds, events, ended, kept }) => {
    const cell = { cellId: 'c', executionCount: 1, source: '', silent: false }
    const recording = new Recording(cell, bounds, 0)
    for (const event of events) record(recording, event)
    if (ended) recording.end({ status: 'ok' }, 1)
    const outputs = recording.outputs.map((output) => {
      if (!('data' in output)) return output
      const { type, data, displayId } = output
      return { type, data, ...(displayId === undefined ? {} : { displayId }) }
    })
    expect({ outputs, leftOut: recording.leftOut }).toEqual(kept)
  },
)
