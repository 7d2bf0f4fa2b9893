import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import sharp from 'sharp'

import { Converter } from '../../convert/converter.ts'
import type { Job, Outcome, Picture } from '../../convert/jobs.ts'
import { gif, HANGING_SVG, ink, look, plain, pngBomb, pngChunk, svg } from '../helpers/pictures.ts'

const LIMITS = { pixels: 6048 * 4032, bytes: 100 * 1024 * 1024 }
const NEVER = new AbortController().signal

let converter: Converter
beforeAll(() => {
  converter = new Converter()
})
afterAll(() => converter.close())

const ACCOUNT = { person: 'ada', ms: 0 }
const run = (job: Job, by = converter) => by.run(job, NEVER, ACCOUNT)
const still = (bytes: Uint8Array, limits = LIMITS) => run({ kind: 'still', bytes, limits })
const drawn = (source: string) => run({ kind: 'svg', svg: source, limits: LIMITS })
const formula = (tex: string) => run({ kind: 'tex', tex, limits: LIMITS })
const plot = (spec: unknown) => run({ kind: 'vega', spec: JSON.stringify(spec), limits: LIMITS })

function picture(outcome: Outcome): Picture {
  if (outcome.kind !== 'picture')
    throw new Error(`Expected a picture, got ${JSON.stringify(outcome)}`)
  return outcome
}

describe('bitmaps', () => {
  test('a PNG is written anew with the same pixels and without its text', async () => {
    const source = await plain(30, 20, '#c03060').png().toBuffer()
    const end = source.length - 12
    const text = pngChunk('tEXt', Buffer.from('Comment\0password'))
    const bytes = Buffer.concat([
      source.subarray(0, end),
      text,
      source.subarray(end),
      Buffer.from('tail'),
    ])
    const made = picture(await still(bytes))
    expect(await look(made.bytes, [3, 3])).toEqual({ size: [30, 20], colours: ['192,48,96'] })
    expect(made).toMatchObject({ extension: 'png', notes: [] })
    expect(Buffer.from(made.bytes).includes('password')).toBe(false)
    expect(Buffer.from(made.bytes).includes('tail')).toBe(false)
  })

  test('a JPEG loses what EXIF says and is turned as EXIF said', async () => {
    const bytes = await plain(60, 20, 'red')
      .jpeg()
      .withExif({ IFD0: { Copyright: 'secret place' } })
      .withMetadata({ orientation: 6 })
      .toBuffer()
    expect(bytes.includes('secret place')).toBe(true)
    const made = picture(await still(bytes))
    expect(made.extension).toBe('jpg')
    expect(Buffer.from(made.bytes).includes('secret place')).toBe(false)
    expect(await look(made.bytes)).toMatchObject({ size: [20, 60] })
  })

  test('a WebP becomes a PNG, which every chat shows', async () => {
    const made = picture(await still(await plain(9, 9, 'blue').webp({ lossless: true }).toBuffer()))
    expect(made.extension).toBe('png')
    expect(await look(made.bytes, [4, 4])).toEqual({ size: [9, 9], colours: ['0,0,255'] })
  })

  test('more pixels than the chat takes are scaled, and the note says so', async () => {
    const bytes = await plain(400, 200, 'green').png().toBuffer()
    const made = picture(await still(bytes, { ...LIMITS, pixels: 20_000 }))
    expect(made.notes).toEqual(['scaled from 400 × 200 to 199 × 100 pixels'])
    expect(await look(made.bytes, [50, 50])).toEqual({ size: [199, 100], colours: ['0,128,0'] })
  })

  test('more bytes than the chat takes are scaled too', async () => {
    const noise = Buffer.from(
      Array.from({ length: 300 * 300 * 3 }, (_, n) => Math.sin(n * n) * 255),
    )
    const bytes = await sharp(noise, { raw: { width: 300, height: 300, channels: 3 } })
      .png()
      .toBuffer()
    const made = picture(await still(bytes, { ...LIMITS, bytes: 50_000 }))
    expect(made.bytes.byteLength).toBeLessThanOrEqual(50_000)
    expect(made.notes[0]).toMatch(/^scaled from 300 × 300 to \d+ × \d+ pixels$/)
  })

  test('an animation stays as it is, one beyond the limit becomes its first frame', async () => {
    const bytes = await gif(5)
    expect(await still(bytes)).toEqual({ kind: 'as it is' })
    const made = picture(await still(bytes, { ...LIMITS, bytes: bytes.length - 1 }))
    expect(made.notes[0]).toBe('the first frame of an animation too large for the chat')
  })

  test('the same picture gives the same bytes', async () => {
    const bytes = await plain(50, 50, 'teal').jpeg().toBuffer()
    const [one, other] = [picture(await still(bytes)), picture(await still(bytes))]
    expect(Buffer.from(one.bytes).equals(other.bytes)).toBe(true)
  })

  test.each<[string, () => Promise<Uint8Array>, Outcome]>([
    [
      'text',
      async () => Buffer.from('no picture'),
      { kind: 'unreadable', why: 'it is no picture' },
    ],
    [
      'a PNG cut in the middle',
      async () => (await gradient()).subarray(0, 3000),
      { kind: 'unreadable', why: 'it is broken' },
    ],
    [
      'a PNG of 50000 × 50000',
      async () => pngBomb(50_000, 50_000),
      {
        kind: 'refused',
        why: '50000 × 50000 pixels, the relay opens up to 100 million',
      },
    ],
    [
      'an SVG, which only resvg may draw',
      async () => Buffer.from(svg('')),
      { kind: 'unreadable', why: 'it is no picture' },
    ],
  ])('%s', async (_what, bytes, outcome) => {
    expect(await still(await bytes())).toEqual(outcome)
  })

  test('a GIF of many large frames becomes its first frame', async () => {
    // One frame repeated by hand: sharp would need gigabytes to write it.
    const frame = await gif(2, 1000, 1000)
    const start = frame.indexOf(Buffer.from([0x21, 0xf9, 0x04]))
    const many = Buffer.concat([
      frame.subarray(0, start),
      ...Array<Buffer>(600).fill(frame.subarray(start, -1)),
      Buffer.from([0x3b]),
    ])
    const made = picture(await still(many))
    expect(await look(made.bytes)).toMatchObject({ size: [1000, 1000] })
  })
})

async function gradient(): Promise<Buffer> {
  const raw = Buffer.from(Array.from({ length: 200 * 200 * 3 }, (_, n) => (n * 31) % 256))
  return sharp(raw, { raw: { width: 200, height: 200, channels: 3 } })
    .png({ compressionLevel: 0 })
    .toBuffer()
}

describe('SVG', () => {
  test('is drawn at twice its size on white', async () => {
    const made = picture(await drawn(svg('<rect width="20" height="20" fill="#ff0000"/>')))
    expect(await look(made.bytes, [10, 10], [70, 10])).toEqual({
      size: [80, 40],
      colours: ['255,0,0', '255,255,255'],
    })
    expect(made.notes).toEqual([])
  })

  test('text is drawn with the fonts of the package', async () => {
    const made = picture(
      await drawn(svg('<text x="2" y="15" font-family="Helvetica Neue, sans-serif">Ωμ</text>')),
    )
    expect(await ink(made.bytes)).toBeGreaterThan(0.02)
  })

  test('as a DOM library prints it, without namespaces', async () => {
    const made = picture(
      await drawn('<svg width="8" height="8"><rect width="8" height="8" fill="blue"/></svg>'),
    )
    expect(await look(made.bytes, [8, 8])).toEqual({ size: [16, 16], colours: ['0,0,255'] })
  })

  test('an enormous one is drawn smaller, and the note says so', async () => {
    const made = picture(await drawn(svg('', 'width="100000" height="100000"')))
    expect(made.notes).toEqual(['drawn at 4 % of its size'])
    expect((await sharp(made.bytes).metadata()).width).toBeLessThanOrEqual(4000)
  })

  test.each([
    'href="FILE"',
    'xlink:href="FILE"',
    "href = 'FILE'",
    'href="file://FILE"',
    'href="&#47;FILE"',
    `data-a='href="#"' href='FILE' data-b='"'`,
    `data-a='href="#' href='FILE' data-b='"'`,
    'xmlns:x="http://www.w3.org/1999/xlink" x:href="FILE"',
  ])('a file of the relay is not drawn into it: %s', async (attribute) => {
    const folder = mkdtempSync(join(tmpdir(), 'jupyterpost-svg-'))
    try {
      const file = join(folder, 'secret.png')
      writeFileSync(file, await plain(20, 20, 'red').png().toBuffer())
      const image = `<image width="40" height="20" ${attribute.replace('FILE', file)}/>`
      const made = picture(await drawn(svg(image)))
      expect(await look(made.bytes, [20, 20])).toMatchObject({ colours: ['255,255,255'] })
      expect(made.notes).toEqual(['without what it loads from other addresses'])
    } finally {
      rmSync(folder, { recursive: true })
    }
  })

  test('nothing is fetched, no script runs, and what does not show is named', async () => {
    const asked: string[] = []
    const server = createServer((request, response) => {
      asked.push(request.url ?? '')
      response.end()
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const address = server.address()
    const port = typeof address === 'object' && address ? address.port : 0
    const url = `http://127.0.0.1:${port}`
    const made = picture(
      await drawn(
        svg(`<style>@import url("${url}/a.css");</style><image width="9" height="9" href="${url}/a.png"/>
<use href="${url}/a.svg#x"/><script href="${url}/a.js">fetch('${url}')</script><foreignObject width="9" height="9"><p>x</p></foreignObject>`),
      ),
    )
    await new Promise((resolve) => server.close(resolve))
    expect(asked).toEqual([])
    expect(made.notes).toEqual([
      'without what it loads from other addresses',
      'without its scripts',
      'without the HTML inside it',
    ])
  })

  test.each<[string, string, RegExp]>([
    ['uses of uses of uses', nestedUses(9), /nodes limit/],
    ['entities', `<!DOCTYPE svg [<!ENTITY a "x">]>${svg('<text>&a;</text>')}`, /XML entities/],
    ['a depth of 200000', svg('<g>'.repeat(200_000) + '</g>'.repeat(200_000)), /nodes limit/],
    ['no XML', '<svg><rect', /^it is no valid SVG \(1:10: unclosed tag: svg\)$/],
    ['another language', '<html xmlns="http://www.w3.org/1999/xhtml"/>', /^it is no SVG$/],
  ])('%s are refused', async (_what, source, why) => {
    expect(await drawn(source)).toMatchObject({ kind: 'refused', why: expect.stringMatching(why) })
  })
})

test('an SVG that breaks resvg does not spoil the next', async () => {
  const area = 'x="-1e9" y="-1e9" width="1e12" height="1e12"'
  const breaking = await drawn(
    svg(`<filter id="f" ${area}><feGaussianBlur stdDeviation="3"/></filter>
<rect width="9" height="9" filter="url(#f)"/>`),
  )
  expect(breaking).toEqual({ kind: 'refused', why: 'it cannot be drawn' })
  const made = picture(await drawn(svg('<rect width="20" height="20" fill="#ff0000"/>')))
  expect(await look(made.bytes, [10, 10])).toMatchObject({ colours: ['255,0,0'] })
})

test.each([
  ['png', async () => plain(10, 10, 'red').png().toBuffer()],
  ['jpeg', async () => plain(10, 10, 'red').jpeg().toBuffer()],
  ['gif', async () => plain(10, 10, 'red').gif().toBuffer()],
])('a %s inside an SVG is drawn', async (type, make) => {
  const data = (await make()).toString('base64')
  const made = picture(
    await drawn(
      svg(`<image width="20" height="20" xlink:href="data:image/${type};base64,${data}"/>`),
    ),
  )
  const [colour] = (await look(made.bytes, [10, 10])).colours
  expect(colour).toMatch(/^25[345],[01],[01]$/)
  expect(made.notes).toEqual([])
})

test.each([
  ['a PNG of too many pixels', async () => pngBomb(50_000, 50_000), 'png'],
  ['a WebP, which resvg does not know,', async () => plain(9, 9, 'red').webp().toBuffer(), 'webp'],
  ['a picture that is none', async () => Buffer.from('<svg/>'), 'png'],
])('%s inside an SVG is left out and named', async (_what, make, type) => {
  const data = (await make()).toString('base64')
  const made = picture(
    await drawn(svg(`<image width="40" height="20" href="data:image/${type};base64,${data}"/>`)),
  )
  expect(made.notes).toEqual([
    'without pictures inside it other than PNG, JPEG and GIF of up to 25 million pixels',
  ])
})

function nestedUses(levels: number): string {
  const groups = Array.from(
    { length: levels },
    (_, n) => `<g id="a${n + 1}">${`<use href="#a${n}"/>`.repeat(10)}</g>`,
  )
  return svg(
    `<defs><rect id="a0" width="1" height="1"/>${groups.join('')}</defs><use href="#a${levels}"/>`,
  )
}

describe('formulas', () => {
  test('are black on white with a margin, so that a dark chat shows them', async () => {
    const { bytes } = picture(await formula('\\int_0^1 x^2\\,dx = \\frac{1}{3}'))
    const { size, colours } = await look(bytes, [2, 2])
    expect(colours).toEqual(['255,255,255'])
    expect(size[0]).toBeGreaterThan(150)
    expect(size[1]).toBeLessThan(140)
    expect(await ink(bytes)).toBeGreaterThan(0.02)
  })

  test.each([
    '\\begin{pmatrix}1&2\\\\3&4\\end{pmatrix}',
    '\\ce{2H2 + O2 -> 2H2O}',
    '\\text{für } x \\in \\mathbb{R}',
  ])('%s is drawn', async (tex) => {
    expect(await ink(picture(await formula(tex)).bytes)).toBeGreaterThan(0.01)
  })

  test.each([
    ['\\frac{1', /Missing close brace/],
    ['\\unknown{x}', /Undefined control sequence/],
    ['\\href{javascript:alert(1)}{x}', /Undefined control sequence/],
    ['\\require{html}', /shows nothing/],
    ['\\require{html}\\href{a}{x}', /Undefined control sequence/],
    ['\\def\\a{\\a\\a}\\a', /macro substitution count/],
    ['x'.repeat(10_001), /more than 10000 characters/],
    ['', /shows nothing/],
  ])('a formula is refused: %#', async (tex, why) => {
    expect(await formula(tex)).toMatchObject({ kind: 'refused', why: expect.stringMatching(why) })
  })

  test('what one formula defines is unknown to the next', async () => {
    picture(await formula('\\gdef\\mine{z}\\newcommand{\\also}{y}\\mine\\also'))
    expect(await formula('\\mine')).toMatchObject({ kind: 'refused' })
    expect(await formula('\\also')).toMatchObject({ kind: 'refused' })
  })
})

const VEGA_LITE = 'https://vega.github.io/schema/vega-lite'
const BARS = {
  $schema: 'https://vega.github.io/schema/vega-lite/v5.json',
  width: 100,
  height: 50,
  data: {
    values: [
      { a: 'A', b: 28 },
      { a: 'B', b: 55 },
    ],
  },
  mark: { type: 'bar', color: '#ff0000' },
  encoding: { x: { field: 'a' }, y: { field: 'b', type: 'quantitative' } },
}

describe('Vega', () => {
  test('a Vega-Lite plot is drawn', async () => {
    const { bytes } = picture(await plot(BARS))
    const { data } = await sharp(bytes).removeAlpha().raw().toBuffer({ resolveWithObject: true })
    let red = 0
    for (let at = 0; at < data.length; at += 3)
      if (data[at] === 255 && data[at + 1] === 0 && data[at + 2] === 0) red++
    // Both bars: 90 % of 100 units, half of 50 units on average, four pixels in a square unit.
    expect(red).toBeGreaterThan(8000)
  })

  const versionOf = (language: string, version: string) => ({
    ...BARS,
    $schema: `https://vega.github.io/schema/${language}/v${version}.json`,
  })

  test.each(['2', '2.6.0', '3.4.0', '4', '5.20.1', '6', '6.4.1'])(
    'a Vega-Lite %s plot is drawn',
    async (version) => {
      picture(await plot(versionOf('vega-lite', version)))
    },
  )

  test.each(['3', '4.4.0', '5', '6.4'])('a Vega %s plot is drawn', async (version) => {
    const spec = { ...versionOf('vega', version), data: [], marks: [], encoding: undefined }
    picture(await plot(spec))
  })

  test.each([
    ['vega-lite', '7', 'it is a Vega-Lite 7 chart, which this relay cannot draw yet'],
    ['vega-lite', '12.1', 'it is a Vega-Lite 12 chart, which this relay cannot draw yet'],
    ['vega-lite', '1', 'it is a Vega-Lite 1 chart, which this relay does not draw'],
    ['vega', '7.0.1', 'it is a Vega 7 chart, which this relay cannot draw yet'],
    ['vega', '2', 'it is a Vega 2 chart, which this relay does not draw'],
  ])('of %s %s it says which version it is', async (language, version, why) => {
    expect(await plot(versionOf(language, version))).toEqual({ kind: 'unreadable', why })
  })

  test('a Vega plot with data of its own address is drawn', async () => {
    const spec = {
      $schema: 'https://vega.github.io/schema/vega/v5.json',
      width: 20,
      height: 20,
      data: [{ name: 't', url: 'data:application/json,[{"x":0}]', format: { type: 'json' } }],
      marks: [
        {
          type: 'rect',
          from: { data: 't' },
          encode: {
            enter: {
              x: { field: 'x' },
              x2: { value: 20 },
              y: { value: 0 },
              y2: { value: 20 },
              fill: { value: '#0000ff' },
            },
          },
        },
      ],
    }
    const { bytes } = picture(await plot(spec))
    expect(await look(bytes, [20, 20])).toMatchObject({ colours: ['0,0,255'] })
  })

  test.each<[string, object, RegExp]>([
    [
      'remote data',
      { ...BARS, data: { url: 'https://data.example.org/a.csv' } },
      /^its data is at data\.example\.org$/,
    ],
    [
      'a thousand addresses',
      {
        ...BARS,
        layer: Array.from({ length: 1000 }, (_, n) => ({
          data: { url: `https://${n}.example.org/` },
          mark: 'bar',
        })),
        mark: undefined,
      },
      /^its data is at 0\.example\.org,( \d\.example\.org,?){4} and 995 more$/,
    ],
    ['a file as data', { ...BARS, data: { url: '/etc/passwd' } }, /^its data is at \/etc\/passwd$/],
    ['no schema', { mark: 'bar' }, /\$schema/],
    ['a schema without a version', { ...BARS, $schema: `${VEGA_LITE}/master.json` }, /\$schema/],
    [
      'an expression that reaches for the program',
      {
        ...BARS,
        transform: [{ calculate: "datum.a.constructor.constructor('return process')()", as: 'c' }],
      },
      /./,
    ],
    [
      'a picture of an address',
      { ...BARS, mark: { type: 'image', url: 'http://a.org/x' } },
      /a\.org/,
    ],
  ])('%s is refused', async (_what, spec, why) => {
    expect(await plot(spec)).toMatchObject({ kind: 'refused', why: expect.stringMatching(why) })
  })
})

describe('a job that goes wrong', () => {
  test('is cut off in native code, and the next one is done', async () => {
    const quick = new Converter({ jobMs: 1500 })
    try {
      picture(await run({ kind: 'svg', svg: svg(''), limits: LIMITS }, quick))
      const outcome = await run({ kind: 'svg', svg: HANGING_SVG, limits: LIMITS }, quick)
      expect(outcome).toEqual({ kind: 'refused', why: 'it took longer than 1.5 s' })
      picture(await run({ kind: 'svg', svg: svg(''), limits: LIMITS }, quick))
    } finally {
      await quick.close()
    }
  })

  test('may eat memory, which ends it alone', async () => {
    const bomb = { ...BARS, data: { sequence: { start: 0, stop: 1e9 } } }
    expect(await plot(bomb)).toMatchObject({
      kind: 'refused',
      why: expect.stringMatching(/memory|MB/),
    })
    picture(await plot(BARS))
  }, 30_000)

  test('may be a plot with as much data as a file may have', async () => {
    const values = Array.from({ length: 1_000_000 }, (_, n) => ({ a: `a${n}`, b: n }))
    expect(await plot({ ...BARS, data: { values } })).toMatchObject({ kind: 'refused' })
    picture(await plot(BARS))
  }, 30_000)

  test('may have its process killed, and the next one is done', async () => {
    picture(await drawn(svg('')))
    const running = run({ kind: 'svg', svg: HANGING_SVG, limits: LIMITS })
    const pid = await processOf(converter)
    process.kill(pid, 'SIGKILL')
    expect(await running).toMatchObject({ kind: 'refused' })
    picture(await drawn(svg('')))
    expect(await processOf(converter)).not.toBe(pid)
  })

  test('is given up with the delivery', async () => {
    const ended = new AbortController()
    const running = converter.run(
      { kind: 'svg', svg: HANGING_SVG, limits: LIMITS },
      ended.signal,
      ACCOUNT,
    )
    ended.abort()
    expect(await running).toEqual({ kind: 'refused', why: 'the relay is closing' })
  })
})

/** The job before has ended, so the process exists. */
async function processOf(of: Converter): Promise<number> {
  if (of.pid === undefined) throw new Error('The converter has no process')
  return of.pid
}
