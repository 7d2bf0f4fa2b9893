// Whatever a post has too much of, it is at most four messages and a file.
import { expect, test } from '@jest/globals'
import type { Block } from '../../../post/contract/schema.ts'
import { fileOf, renderPost } from '../../render/messages.ts'
import { textLength } from '../../render/split.ts'
import { textOf } from '../helpers/bytes.ts'

const FIRST = '**alice** · via jupyterpost'

const chatOf = (max: number, tables = true) =>
  ({
    tables,
    math: true,
    text: { max, unit: 'runes' },
    files: { perMessage: 10, bytes: 1e9 },
  }) as const

function render(blocks: Block[], max = 16_383, tables = true) {
  const post = renderPost({ who: 'alice', source: {}, blocks, files: [] }, chatOf(max, tables))
  const texts = post.messages.map(({ text }) => text)
  const files = post.messages.flatMap((message) => message.files)
  return {
    ...post,
    texts,
    text: texts.join('\n\n'),
    names: files.map((index) => fileOf(post, [], index)?.name),
    contents: [...post.whole.values()].map(textOf),
  }
}

const list = <T>(count: number, make: (n: number) => T) =>
  Array.from({ length: count }, (_, n) => make(n))
const table = (
  rows: number,
  columns: number,
  cell: (row: number, column: number) => string,
): Block => ({
  type: 'table',
  columns: list(columns, (n) => `c${n}`),
  rows: list(rows, (row) => list(columns, (column) => cell(row, column))),
})
const cell = (row: number, column: number) => `${row * 10 + column}`

const FLOODS: Array<[string, Block[]]> = [
  ['20 rows of 12,500 characters', [table(20, 5, () => 'x'.repeat(2500))]],
  ['a frame of 3 x 2,500', [table(3, 2500, cell)]],
  ['one row of 60,000 columns', [table(1, 49_000, cell)]],
  ['30,000 rows', [table(30_000, 2, cell)]],
  ['20 wide tables', list(20, () => table(2, 100, cell))],
  ['tables without rows', list(3000, () => table(0, 20, cell))],
  ['cells that grow when they are escaped', [table(300, 30, () => '<@all'.repeat(60))]],
  ['a log', [{ type: 'text', text: list(50_000, (n) => `line ${n}`).join('\n') }]],
  ['one line', [{ type: 'text', text: 'x'.repeat(900_000) }]],
  ['lines of 600 characters', [{ type: 'text', text: `${'x'.repeat(600)}\n`.repeat(900) }]],
  ['markdown', [{ type: 'markdown', text: 'Some *words*.\n\n'.repeat(40_000) }]],
  ['a paragraph', [{ type: 'markdown', text: 'word '.repeat(100_000) }]],
  [
    'a markdown table',
    [{ type: 'markdown', text: `| a | b |\n|---|---|\n${'| 1 | 2 |\n'.repeat(50_000)}` }],
  ],
  [
    'a wide markdown table',
    [
      {
        type: 'markdown',
        text: list(9, (n) => (n === 1 ? '|---' : '| head').repeat(20_000)).join('\n'),
      },
    ],
  ],
  ['code', [{ type: 'code', language: 'ts', text: 'let x = 1\n'.repeat(50_000) }]],
  ['many small blocks', list(9000, (n): Block => ({ type: 'text', text: `block ${n}` }))],
  ['many formulas', list(9000, (n): Block => ({ type: 'latex', text: `x_${n}` }))],
  ['many notices', list(9000, (n): Block => ({ type: 'notice', text: `note ${n}` }))],
  ['a formula', [{ type: 'latex', text: `x^2 + \\\\\n`.repeat(50_000) }]],
  [
    'an error',
    [{ type: 'error', name: 'E', message: 'm', traceback: '  at frame\n'.repeat(50_000) }],
  ],
]

test.each(FLOODS)('%s: at most four messages, the whole in a file', (_, blocks) => {
  for (const [max, tables] of [
    [16_383, true],
    [4000, true],
    [2000, false],
  ] as const) {
    const { texts, names, messages } = render(blocks, max, tables)
    expect(texts.length).toBeLessThanOrEqual(names.length > 10 ? 5 : 4)
    expect(names.length).toBeGreaterThan(0)
    expect(messages.every(({ text }) => text !== '')).toBe(true)
    for (const text of texts) {
      expect(textLength(text, 'runes')).toBeLessThanOrEqual(max)
      expect(text).not.toMatch(/(?:^|\n\n)```\w*\n\n?```/)
    }
  }
})

test('of a log the first lines are shown and more of the last ones', () => {
  const lines = list(20_000, (n) => `line ${n}`)
  const { texts, names, contents } = render([{ type: 'text', text: lines.join('\n') }])
  const shown = [...lines.slice(0, 10), '… 19960 lines left out …', ...lines.slice(-30)]
  expect(texts).toEqual([
    `${FIRST}\n\n\`\`\`\n${shown.join('\n')}\n\`\`\`\n\n*… the whole text is in output.txt*`,
  ])
  expect(names).toEqual(['output.txt'])
  expect(contents).toEqual([`${lines.join('\n')}\n`])
})

test('the last line of an error, and what kind it is, are shown below a flood', () => {
  const { text } = render([
    { type: 'text', text: list(9000, (n) => `epoch ${n}`).join('\n') },
    {
      type: 'error',
      name: 'RecursionError',
      message: 'too deep',
      traceback: list(900, (n) => `  frame ${n}`).join('\n'),
    },
  ])
  expect(text).toContain('epoch 9\n')
  expect(text).toContain('\n```\nRecursionError: too deep\n…\n  frame 870\n')
  expect(text).toContain('\n  frame 899\n```')
})

test('of a wide table the first and last columns are shown with a mark, and it is attached', () => {
  const { text, names, contents } = render([table(3, 2500, cell)])
  const [head, marks, row] = text.split('\n').filter((line) => line.startsWith('|'))
  expect(head).toMatch(/^\| c0 \| c1 \| .* \| c15 \| … \| c2485 \| .* \| c2499 \|$/)
  expect(marks?.match(/--:/g)).toHaveLength(31)
  expect(row).toMatch(/^\| 0 \| 1 \| .* \| 15 \| … \| 2485 \| .* \| 2499 \|$/)
  expect(text).toContain(
    '*the first 16 and last 15 of 2500 columns; the whole table is in table.csv*',
  )
  expect(names).toEqual(['table.csv'])
  expect(contents[0]?.split('\r\n')).toHaveLength(5)
  expect(contents[0]).toContain(',c2499\r\n0,1,2,')
})

test('long cells are cut with a mark, and the table is attached', () => {
  const long = 'word '.repeat(2500).trim()
  const { text, names, contents } = render([
    table(2, 3, (_, column) => (column === 1 ? long : 'x')),
  ])
  expect(text).toMatch(/\| x \| word word [word ]{400,490}… \| x \|/)
  expect(text).toContain('*the beginning of long cells; the whole table is in table.csv*')
  expect(names).toEqual(['table.csv'])
  expect(contents[0]).toContain(long)
})

test('a table that fits is shown as it is, without a file', () => {
  const { text, names } = render([table(40, 32, cell)])
  expect(names).toEqual([])
  expect(text).not.toContain('…')
})

test('a long table shows its first and last rows below its head, aligned, and is attached', () => {
  const blocks: Block[] = [
    { type: 'message', text: 'Results' },
    table(9000, 3, (row, column) => (column === 2 ? 'text' : cell(row, column))),
    { type: 'markdown', text: '9000 rows' },
  ]
  const { texts, names } = render(blocks)
  const head = '| c0 | c1 | c2 |\n| --: | --: | --- |\n| 0 | 1 | text |\n'
  expect(texts).toHaveLength(1)
  expect(texts[0]).toContain(`Results\n\n${head}`)
  expect(texts[0]).toContain('\n| … | … | … |\n')
  expect(texts[0]).toContain(
    '| 89990 | 89991 | text |\n\n9000 rows\n\n*… the whole table is in table.csv*',
  )
  expect(names).toEqual(['table.csv'])
})

test('text and a table that are both too long are in two files, and own files keep their names', () => {
  const blocks: Block[] = [
    table(9000, 3, cell),
    { type: 'text', text: list(9000, (n) => `line ${n}`).join('\n') },
    { type: 'file', file: 0 },
  ]
  const files = [{ name: 'output.txt', mimetype: 'text/plain', bytes: Buffer.from('mine') }]
  const post = renderPost({ who: 'alice', source: {}, blocks, files }, chatOf(16_383))
  expect(post.messages.map(({ files: shown }) => shown)).toEqual([[-2, -1, 0]])
  expect([-2, -1, 0].map((index) => fileOf(post, files, index)?.name)).toEqual([
    'table.csv',
    'output-2.txt',
    'output.txt',
  ])
  expect(post.messages[0]?.text).toContain(
    '*… the whole text is in output-2.txt, tables in table.csv*',
  )
})

test('a chat that takes no files is told that the rest is left out', () => {
  const text = list(90_000, (n) => `line ${n}`).join('\n')
  const refused = new Map([[-1, 'this Mattermost takes no files']])
  const blocks: Block[] = [{ type: 'text', text }]
  const post = renderPost({ who: 'alice', source: {}, blocks, files: [], refused }, chatOf(4000))
  expect(post.leftOut).toEqual(['the whole text: this Mattermost takes no files'])
  expect(post.messages.map(({ files }) => files)).toEqual([[]])
})

test('the file of a table keeps its index when the post is printed again with fewer of its own files', () => {
  const blocks = [
    ...list(30, (n): Block => ({ type: 'file', file: n })),
    ...list(9, (n) => table(400 + 100 * n, 12, cell)),
  ]
  const files = list(30, (n) => ({
    name: `${n}.bin`,
    mimetype: 'application/octet-stream',
    bytes: new Uint8Array(3),
  }))
  const sizes = (refused: ReadonlyMap<number, string>) => {
    const post = renderPost({ who: 'alice', source: {}, blocks, files, refused }, chatOf(4000))
    const made = [...post.whole].filter(([, { mimetype }]) => mimetype === 'text/csv')
    return new Map(made.map(([index, { bytes }]) => [index, bytes.byteLength]))
  }
  const first = sizes(new Map())
  const again = sizes(new Map(list(30, (n) => [n, 'too large for Mattermost'.repeat(9)] as const)))
  expect(first.size).toBe(9)
  for (const [index, size] of again) expect(first.get(index) ?? size).toBe(size)
})

test('a cut line mentions nobody whom the whole line did not mention', () => {
  const long = `${'x '.repeat(300)}mail@ada ${'y'.repeat(195)}`
  const lines = [long, ...list(20_000, (n) => `line ${n}`)]
  const { text } = render([{ type: 'markdown', text: lines.join('\n') }])
  expect(text).toContain('… @\u200bada yyy')
})
