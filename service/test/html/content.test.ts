// A post with HTML -> one without: what does not fit, or cannot be read, is named.
import { expect, test } from '@jest/globals'

import { cellsOf, MOST_CELLS, textBytes } from '../../../post/contract/limits.ts'
import { DEFAULT_LIMITS } from '../../../post/contract/schema.ts'
import type { Block, PostFile } from '../../../post/contract/schema.ts'
import { readContent } from '../../offload/content.ts'
import { plain, svg } from '../helpers/pictures.ts'

const html = (text: string, plainText = ''): Block => ({
  type: 'html',
  html: text,
  text: plainText,
})
const notice = (text: string): Block => ({ type: 'notice', text })
const result = (text: string): Block => ({ type: 'text', text, stream: 'result' })

async function read(blocks: Block[], files: PostFile[] = [], limits = DEFAULT_LIMITS) {
  return readContent({ blocks, files, limits: { ...limits }, masked: true })
}

test('HTML becomes blocks and files in its place, beside those that were there', async () => {
  const red = (await plain(2, 2, 'red').png().toBuffer()).toString('base64')
  const csv: PostFile = { name: 'a.csv', mimetype: 'text/csv', bytes: Buffer.from('a') }
  const { blocks, files, digests } = await read(
    [
      { type: 'file', file: 0 },
      html(
        `<p>a</p>${svg('<rect/>')}<table><tr><td>1</table><img alt="dot" src="data:image/png;base64,${red}">`,
      ),
      { type: 'message', text: 'b' },
      html('<b>c</b>'),
    ],
    [csv],
  )
  expect(blocks).toEqual([
    { type: 'file', file: 0 },
    { type: 'markdown', text: 'a' },
    { type: 'image', file: 1 },
    { type: 'table', columns: [''], rows: [['1']] },
    { type: 'image', file: 2, alt: 'dot' },
    { type: 'message', text: 'b' },
    { type: 'markdown', text: '**c**' },
  ])
  expect(files.map(({ name, mimetype }) => `${name} ${mimetype}`)).toEqual([
    'a.csv text/csv',
    'drawing-1.svg image/svg+xml',
    'drawing-2.png image/png',
  ])
  expect(digests).toEqual([expect.any(String), expect.any(String), undefined])
})

test.each<[string, Block, Block[]]>([
  [
    'that shows nothing by its text',
    html('<script>draw()</script>', '<Chart>'),
    [result('<Chart>')],
  ],
  [
    'that shows nothing and has no text',
    html('<div></div>'),
    [notice('HTML without text, see the notebook')],
  ],
  [
    'whose text is the HTML',
    html('<div></div>', '<div></div>'),
    [notice('HTML without text, see the notebook')],
  ],
  [
    'that nests too deeply by its text',
    html('<b>'.repeat(501), 'deep'),
    [result('deep'), notice('HTML is shown in a simpler form: it nests more than 500 levels')],
  ],
  [
    'of too many elements',
    html('<br>'.repeat(250_001)),
    [notice('HTML left out: it has more than 250000 elements; see the notebook')],
  ],
  [
    'whose tables have too many cells',
    html(`<table><tr>${'<td>'.repeat(MOST_CELLS)}</table>`, 'frame'),
    [
      result('frame'),
      notice('HTML is shown in a simpler form: its tables have more than 100000 cells and rows'),
    ],
  ],
  [
    'whose text is too long once it is markdown',
    html('*'.repeat(600_000), 'stars'),
    [
      result('stars'),
      notice('HTML is shown in a simpler form: its text is more than the relay takes in one post'),
    ],
  ],
  [
    'with a picture that is none',
    html('<p>a<img src="data:image/png;base64,AAEC">'),
    [
      { type: 'markdown', text: 'a' },
      notice('A picture of the HTML left out: unknown format; see the notebook'),
    ],
  ],
  [
    'with many pictures that are none',
    html('<img src="data:image/png;base64,AAEC">'.repeat(1000)),
    [notice('1000 pictures of the HTML left out: unknown format; see the notebook')],
  ],
  [
    'whose pictures have too long a text',
    html(`<img alt="${'long '.repeat(300_000)}" src="data:image/gif;base64,R0lG">`, 'gif'),
    [
      result('gif'),
      notice('HTML is shown in a simpler form: its text is more than the relay takes in one post'),
    ],
  ],
])('HTML %s', async (_, block, blocks) => {
  expect((await read([block])).blocks).toEqual(blocks)
})

test('pictures beyond the number of files are named', async () => {
  const drawn = svg('<rect/>').repeat(4)
  const limits = { ...DEFAULT_LIMITS, files: 2 }
  const { blocks, files } = await readContent({
    blocks: [html(drawn)],
    files: [],
    limits,
    masked: true,
  })
  expect(files).toHaveLength(2)
  expect(blocks.at(-1)).toEqual(
    notice(
      '2 pictures of the HTML left out: the relay takes 2 files in one post; see the notebook',
    ),
  )
})

test('a picture of more bytes than a file may have is named', async () => {
  const limits = { ...DEFAULT_LIMITS, fileBytes: 10 }
  const { blocks, files } = await read([html(svg('<rect/>'))], [], limits)
  expect(files).toEqual([])
  expect(blocks).toEqual([
    notice(
      'A picture of the HTML left out: the relay takes files of up to 10 bytes; see the notebook',
    ),
  ])
})

test('notes on what is not shown do not make a post longer than its limits', async () => {
  const pictures = '<img src="data:image/png;base64,AAEC">'.repeat(1000)
  const first = await read([html(`<p>a</p>${pictures}`)])
  expect(first.blocks).toEqual([
    { type: 'markdown', text: 'a' },
    notice('1000 pictures of the HTML left out: unknown format; see the notebook'),
  ])
  const second = await read(Array<Block>(2000).fill(html('<div></div>')))
  expect(second.blocks).toHaveLength(101)
  expect(second.blocks.at(-1)).toEqual(
    notice('1900 more notes on HTML that is not shown; see the notebook'),
  )
})

test('what is made of several stays within the limits of one post', async () => {
  const one = html(`<table><tr>${'<th>'.repeat(40_000)}</table>`, 'frame')
  const { blocks } = await read([one, one, one, html(`<p>${'<'.repeat(200_000)}`)])
  expect(cellsOf(blocks)).toBeLessThanOrEqual(MOST_CELLS)
  expect(textBytes(blocks)).toBeLessThanOrEqual(DEFAULT_LIMITS.textBytes + 1000)
  expect(blocks.map(({ type }) => type)).toEqual(['table', 'table', 'text', 'notice', 'markdown'])
})
