// The blocks that the outputs of a cell become in its post: the table of docs/spec.md 2.1.
import { describe, expect, test } from '@jest/globals'
import { DEFAULT_LIMITS } from '../../../post/contract/schema.ts'
import type { Block } from '../../../post/contract/schema.ts'
import { captureCell } from '../../src/capture/blocks.ts'
import type { CapturedOutput, CellOutputs } from '../../src/capture/outputs.ts'

const PNG = Buffer.from([0x89, 0x50, 0x4e, 0x47]).toString('base64')

function cellOf(outputs: CapturedOutput[], more: Partial<CellOutputs> = {}): CellOutputs {
  return {
    cellId: 'a',
    executionCount: 3,
    source: '',
    startedAt: 0,
    endedAt: 2100,
    status: 'ok',
    outputs,
    leftOut: [],
    ...more,
  }
}

const out = (text: string): CapturedOutput => ({ type: 'stream', name: 'stdout', text })
const err = (text: string): CapturedOutput => ({ type: 'stream', name: 'stderr', text })
const shown = (data: Record<string, unknown>): CapturedOutput => ({
  type: 'display_data',
  data,
  metadata: {},
})

function blocksOf(
  outputs: CapturedOutput[],
  more: Partial<CellOutputs> = {},
  stderr = false,
): Block[] {
  return captureCell(cellOf(outputs, more), { stderr, limits: DEFAULT_LIMITS }).blocks
}

const TABLE = `<style>td { color: red }</style><div><table><thead><tr><th></th><th>loss &amp; more</th></tr></thead>
<tbody><tr><th>0</th><td>0.5</td></tr><tr><th>1</th><td>&lt;b&gt;<br>x</td></tr></tbody></table></div>`

describe('each output gives its block', () => {
  test.each<[string, CapturedOutput[], Block[]]>([
    [
      'stdout',
      [out('a\n\u001b[31mb\u001b[0m\n')],
      [{ type: 'text', text: 'a\nb', stream: 'stdout' }],
    ],
    [
      'leading blanks of a line',
      [out('\n  indented\n')],
      [{ type: 'text', text: '  indented', stream: 'stdout' }],
    ],
    [
      'stdout around hidden stderr',
      [out('50%'), err('w'), out('\r100%')],
      [{ type: 'text', text: '100%', stream: 'stdout' }],
    ],
    [
      'a result',
      [shown({ 'text/plain': '\u001b[33m42\u001b[39m' })],
      [{ type: 'text', text: '42', stream: 'result' }],
    ],
    [
      'png before everything',
      [shown({ 'text/plain': 'fig', 'text/html': '<b>', 'image/png': PNG })],
      [{ type: 'image', file: 0, alt: 'fig' }],
    ],
    [
      'svg',
      [shown({ 'image/svg+xml': '<svg></svg>', 'text/plain': 'p' })],
      [{ type: 'image', file: 0, alt: 'p' }],
    ],
    [
      'vega-lite with its text',
      [shown({ 'application/vnd.vegalite.v5+json': { mark: 'bar' }, 'text/plain': 'Chart' })],
      [{ type: 'image', file: 0, alt: 'Chart' }],
    ],
    [
      'the picture of a vega plot before its specification',
      [shown({ 'application/vnd.vega.v5+json': {}, 'image/png': PNG })],
      [{ type: 'image', file: 0 }],
    ],
    [
      'latex before markdown',
      [shown({ 'text/latex': '$x$', 'text/markdown': 'x' })],
      [{ type: 'latex', text: '$x$' }],
    ],
    [
      'markdown before html',
      [shown({ 'text/markdown': '# hi\n', 'text/html': '<h1>' })],
      [{ type: 'markdown', text: '# hi' }],
    ],
    [
      'lines as nbformat has them',
      [shown({ 'text/markdown': ['# a\n', 'b'] })],
      [{ type: 'markdown', text: '# a\nb' }],
    ],
    [
      'html',
      [shown({ 'text/html': '<p>hi</p>', 'text/plain': 'hi' })],
      [{ type: 'html', html: '<p>hi</p>', text: 'hi' }],
    ],
    [
      'an html table as it is: the relay reads it',
      [shown({ 'text/html': TABLE, 'text/plain': 'a table' })],
      [{ type: 'html', html: TABLE, text: 'a table' }],
    ],
    [
      'html whose text/plain is the html',
      [shown({ 'text/html': '<p>hi</p>', 'text/plain': '<p>hi</p>' })],
      [{ type: 'html', html: '<p>hi</p>', text: '' }],
    ],
    [
      'json',
      [shown({ 'application/json': { a: [1] } })],
      [{ type: 'code', language: 'json', text: '{\n  "a": [\n    1\n  ]\n}' }],
    ],
    [
      'plotly with its picture',
      [shown({ 'application/vnd.plotly.v1+json': {}, 'image/png': PNG })],
      [{ type: 'image', file: 0 }],
    ],
    [
      'plotly alone',
      [shown({ 'application/vnd.plotly.v1+json': {}, 'text/html': '<div>' })],
      [{ type: 'notice', text: 'Interactive plot, see the notebook' }],
    ],
    ['nothing', [], [{ type: 'notice', text: 'No output (2.1 s)' }]],
    ['blanks only', [out('  \n\n')], [{ type: 'notice', text: 'No output (2.1 s)' }]],
    [
      'markdown with an image inside',
      [shown({ 'text/markdown': `before\n\n![plot](data:image/png;base64,${PNG})\n\nafter` })],
      [
        { type: 'markdown', text: 'before' },
        { type: 'image', file: 0, alt: 'plot' },
        { type: 'markdown', text: 'after' },
      ],
    ],
  ])('%s', (_name, outputs, blocks) => {
    expect(blocksOf(outputs)).toEqual(blocks)
  })
})

const leftOut = (what: string) => ({ type: 'notice', text: `Left out: ${what}` })

describe('for a relay of 0.1.0', () => {
  const { html: _, ...older } = DEFAULT_LIMITS
  const olderBlocks = (html: string) =>
    captureCell(cellOf([shown({ 'text/html': html })]), { stderr: false, limits: older }).blocks

  test('an html table is sent as a table', () => {
    expect(olderBlocks(TABLE)).toEqual([
      {
        type: 'table',
        columns: ['', 'loss & more'],
        rows: [
          ['0', '0.5'],
          ['1', '<b> x'],
        ],
      },
    ])
  })

  test('a table that would lose something stays html', () => {
    const joined = [2, 10].map((wide) => TABLE.replace('<td>', `<td colspan="${wide}">`))
    for (const html of [...joined, `Text ${TABLE}`, TABLE + TABLE])
      expect(olderBlocks(html)[0]?.type).toBe('html')
  })

  test('the markup of html counts as text', () => {
    const html = '<p></p>'.repeat(200_000)
    expect(olderBlocks(html).at(-1)).toEqual(leftOut('html of 1.3 MB'))
    expect(blocksOf([shown({ 'text/html': html })])).toMatchObject([{ type: 'html' }])
  })
})

test('html counts its text, up to four times the size', () => {
  const long = `<p>${'a'.repeat(1024 * 1024)}</p>`
  expect(blocksOf([shown({ 'text/html': long })]).at(-1)).toEqual(leftOut('html of 1.0 MB'))
  const big = '<p></p>'.repeat(600_000)
  expect(blocksOf([shown({ 'text/html': big })]).at(-1)).toEqual(leftOut('html of 4.0 MB'))
  const more = shown({ 'text/html': big.slice(0, 3_000_000) })
  expect(blocksOf([more, more])).toMatchObject([{ type: 'html' }, leftOut('html of 2.9 MB')])
})

test('stderr is posted if the cell failed or if asked for', () => {
  const outputs = [out('a'), err('warn')]
  expect(blocksOf(outputs)).toHaveLength(1)
  expect(blocksOf(outputs, {}, true)).toHaveLength(2)
  expect(blocksOf(outputs, { status: 'failed' })).toHaveLength(2)
})

test('an error has name, message and the frames of the cell', () => {
  const error: CapturedOutput = {
    type: 'error',
    ename: 'TypeError',
    evalue: 'x is \u001b[1mnot\u001b[0m a function',
    traceback: [
      'TypeError: x is \u001b[1mnot\u001b[0m a function',
      '\u001b[31m    at f (In [3]:2:1)\u001b[0m',
      '    at node:internal/timers:5:1',
      '    at g (/a/node_modules/b.js:1:1)',
      'TypeError: x is not a function',
    ],
  }
  expect(blocksOf([error], { status: 'failed' })).toEqual([
    {
      type: 'error',
      name: 'TypeError',
      message: 'x is not a function',
      traceback: '    at f (In [3]:2:1)',
    },
  ])
})

test('several images are files in their order, under names of their own', () => {
  const { blocks, files } = captureCell(
    cellOf([
      shown({ 'image/png': PNG }),
      out('between'),
      shown({ 'image/jpeg': PNG }),
      shown({ 'image/svg+xml': '<svg/>' }),
    ]),
    { stderr: false, limits: DEFAULT_LIMITS },
  )
  expect(blocks.map(({ type }) => type)).toEqual(['image', 'text', 'image', 'image'])
  expect(files.map(({ name, mimetype }) => [name, mimetype])).toEqual([
    ['output-1.png', 'image/png'],
    ['output-2.jpg', 'image/jpeg'],
    ['output-3.svg', 'image/svg+xml'],
  ])
})

test('what a limit keeps out is named, and the rest is posted', () => {
  const limits = { ...DEFAULT_LIMITS, files: 1 }
  const { blocks, files } = captureCell(
    cellOf([shown({ 'image/png': PNG }), shown({ 'image/png': PNG }), out('text')], {
      leftOut: ['3 MB from the middle of the text'],
    }),
    { stderr: false, limits },
  )
  expect(files).toHaveLength(1)
  expect(blocks.at(-1)).toEqual({
    type: 'notice',
    text: 'Left out: output-2.png (4 bytes); 3 MB from the middle of the text',
  })
})

test('a vega specification is a file that says what it is', () => {
  const spec = { mark: 'bar' }
  const { files } = captureCell(
    cellOf([shown({ 'application/vnd.vegalite.v5.20.1+json': spec })]),
    {
      stderr: false,
      limits: DEFAULT_LIMITS,
    },
  )
  expect(files.map(({ name, mimetype }) => [name, mimetype])).toEqual([
    ['output-1.vl.json', 'application/vnd.vegalite.v5.20.1+json'],
  ])
  expect(JSON.parse(Buffer.from(files[0]?.bytes ?? []).toString())).toEqual({
    $schema: 'https://vega.github.io/schema/vega-lite/v5.json',
    mark: 'bar',
  })
})

test('text beyond the limit becomes output.txt below its ends, and so does markdown', () => {
  const limits = { ...DEFAULT_LIMITS, textBytes: 20_000 }
  const lines = Array.from({ length: 30 }, (_, n) => `line ${n}`).join('\n')
  const { blocks, files } = captureCell(
    cellOf([
      out(`${lines}${'é'.repeat(20_000)}last`),
      shown({ 'text/markdown': 'm'.repeat(20_000) }),
    ]),
    { stderr: false, limits },
  )
  expect(blocks).toMatchObject([
    {
      type: 'text',
      text: expect.stringMatching(/^line 0\n[^]*line 9\n\n… 36 KB left out …\n\né+last$/),
    },
    { type: 'notice', text: 'The whole text is in output.txt' },
    { type: 'file', file: 0 },
    { type: 'code', language: 'markdown' },
    { type: 'notice', text: 'The whole text is in output-2.md' },
    { type: 'file', file: 1 },
    { type: 'notice', text: 'Left out: 20 KB from the middle of output.txt' },
  ])
  const text = Buffer.from(files[0]?.bytes ?? []).toString()
  expect(text).toMatch(/^line 0\n[^]*é\n\n… 20 KB left out …\n\né+last$/)
  expect(Buffer.byteLength(text)).toBeLessThan(20_100)
})

test('each text that is too long has a file of its own', () => {
  const limits = { ...DEFAULT_LIMITS, textBytes: 10_000 }
  const { files, blocks } = captureCell(
    cellOf([out('a'.repeat(9500)), shown({ 'image/png': PNG }), out('b'.repeat(9500))]),
    { stderr: false, limits },
  )
  expect(files.map(({ name }) => name)).toEqual(['output.txt', 'output-2.png', 'output-3.txt'])
  expect(blocks.slice(-2)).toEqual([
    { type: 'notice', text: 'The whole text is in output-3.txt' },
    { type: 'file', file: 2 },
  ])
})
