// Figures that are PDF: drawn by the real process, within its limits; what is no figure is refused
// with its reason, and attached.
import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from '@jest/globals'

import { Converter } from '../../convert/converter.ts'
import type { Outcome } from '../../convert/jobs.ts'
import { isPdf } from '../../convert/sniff.ts'
import { ink, look } from '../helpers/pictures.ts'

const LIMITS = { pixels: 6048 * 4032, bytes: 100 * 1024 * 1024 }
/** Of matplotlib 3.10, a figure of 144 × 144 points with a line, axes and a title. */
const FIGURE = readFileSync(new URL('../fixtures/matplotlib.pdf', import.meta.url))

let converter: Converter
beforeAll(() => {
  converter = new Converter()
})
afterAll(() => converter.close())

async function draw(bytes: Uint8Array, limits = LIMITS): Promise<Outcome> {
  return converter.run({ kind: 'pdf', bytes, limits }, new AbortController().signal, {
    person: 'ada',
    ms: 0,
  })
}

/** A PDF whose pages have this size in points and this content (PDF 1.7, 7.7 and 7.8). */
function pdf(content: string, { box = '0 0 30 20', pages = 1, more = '' } = {}): Buffer {
  const kids = Array.from({ length: pages }, (_, n) => `${n + 10} 0 R`).join(' ')
  const page = (n: number) =>
    `${n + 10} 0 obj<</Type/Page/Parent 2 0 R/MediaBox[${box}]/Contents 3 0 R/Resources<<>>>>endobj`
  return Buffer.from(
    [
      '%PDF-1.7',
      '1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj',
      `2 0 obj<</Type/Pages/Count ${pages}/Kids[${kids}]>>endobj`,
      `3 0 obj<</Length ${content.length}>>stream\n${content}\nendstream endobj`,
      ...Array.from({ length: pages }, (_, n) => page(n)),
      `trailer<</Root 1 0 R${more}>>`,
      '%%EOF',
    ].join('\n'),
  )
}

const RED = '1 0 0 rg 0 0 15 20 re f'

test('a figure of matplotlib is drawn at twice the size of a screen', async () => {
  const outcome = await draw(FIGURE)
  if (outcome.kind !== 'picture') throw new Error(JSON.stringify(outcome))
  expect(outcome).toMatchObject({ extension: 'png', notes: [] })
  const { size } = await look(outcome.bytes)
  expect(size.every((length) => length > 350 && length < 600)).toBe(true)
  const dark = await ink(outcome.bytes)
  expect(dark).toBeGreaterThan(0.005)
  expect(dark).toBeLessThan(0.2)
})

test('its colours are those of the PDF, on white', async () => {
  const outcome = await draw(pdf(RED))
  if (outcome.kind !== 'picture') throw new Error(JSON.stringify(outcome))
  expect(await look(outcome.bytes, [10, 10], [70, 10])).toEqual({
    size: [80, 53],
    colours: ['255,0,0', '255,255,255'],
  })
})

test('it is drawn smaller where the chat takes fewer pixels or bytes', async () => {
  const few = await draw(pdf(RED), { ...LIMITS, pixels: 500 })
  expect(few).toMatchObject({ kind: 'picture', notes: ['drawn at 68 % of its size'] })
  const whole = await draw(FIGURE)
  if (whole.kind !== 'picture') throw new Error(JSON.stringify(whole))
  const most = Math.floor(whole.bytes.byteLength / 2)
  const small = await draw(FIGURE, { ...LIMITS, bytes: most })
  if (small.kind !== 'picture') throw new Error(JSON.stringify(small))
  expect(small.bytes.byteLength).toBeLessThanOrEqual(most)
})

test.each<[string, Uint8Array, string]>([
  ['with several pages', pdf(RED, { pages: 3 }), 'it has 3 pages'],
  ['of no pages', pdf(RED, { pages: 0 }), 'it is broken, or has a password'],
  ['that is none', Buffer.from('%PDF-1.7\nnothing'), 'it is broken, or has a password'],
  ['cut off', FIGURE.subarray(0, 300), 'it is broken, or has a password'],
  [
    'as flat as a line',
    pdf(RED, { box: '0 0 100000 0.5' }),
    'its size of 100000 × 0.5 cannot be drawn',
  ],
])('a document %s is not drawn', async (_, bytes, why) => {
  expect(await draw(bytes)).toEqual({ kind: 'unreadable', why })
})

test('a PDF that needs too much of anything ends in time, and the next is drawn', async () => {
  const dense = pdf('0 0 m 30 20 l S '.repeat(2_000_000))
  const bomb = pdf(RED, { box: '0 0 14400 14400' })
  const slow = new Converter({ jobMs: 2000 })
  const signal = new AbortController().signal
  try {
    const kinds: string[] = []
    for (const bytes of [dense, bomb, pdf(RED)])
      kinds.push(
        (await slow.run({ kind: 'pdf', bytes, limits: LIMITS }, signal, { person: 'ada', ms: 0 }))
          .kind,
      )
    expect(kinds[0]).toBe('refused')
    expect(kinds[2]).toBe('picture')
  } finally {
    await slow.close()
  }
})

test('a file is a PDF if it begins like one', () => {
  expect(isPdf({ bytes: FIGURE })).toBe(true)
  expect(isPdf({ bytes: Buffer.from('<p>%PDF-') })).toBe(false)
})
