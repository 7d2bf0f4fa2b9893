// Sounds, films, pages and pictures that HTML holds are attached, others are named.
import { expect, test } from '@jest/globals'

import { DEFAULT_LIMITS } from '../../../post/contract/schema.ts'
import { readHtml } from '../../html/content.ts'
import { readContent } from '../../offload/content.ts'
import { textOf } from '../helpers/bytes.ts'

const WAV = Buffer.from('RIFF\x24\0\0\0WAVEfmt ')
const wav = `data:audio/wav;base64,${WAV.toString('base64')}`

async function read(html: string, limits = DEFAULT_LIMITS) {
  const { blocks, files } = await readContent({
    blocks: [{ type: 'html', html, text: '' }],
    files: [],
    limits,
    masked: true,
  })
  return { blocks, files: files.map(({ name, mimetype }) => `${name} ${mimetype}`) }
}

test.each([
  [
    'the web, by its address',
    '<video src="https://x.org/a_b.mp4">no</video>',
    'Video: [https://x.org/a_b.mp4](https://x.org/a_b.mp4)',
  ],
  [
    'several sources, by the first',
    '<audio><source src="https://x.org/a.ogg"><source src="https://x.org/a.mp3">no</audio>',
    'Audio: [https://x.org/a.ogg](https://x.org/a.ogg)',
  ],
  [
    'a page',
    '<iframe src="https://x.org/?a=1&amp;b=2">no</iframe>',
    '[https://x.org/?a=1&b=2](https://x.org/?a=1&b=2)',
  ],
  [
    'an object',
    '<object data="https://x.org/a.pdf">no</object>',
    '[https://x.org/a.pdf](https://x.org/a.pdf)',
  ],
  [
    'a film with a player of its own, as the film',
    '<iframe src="https://www.youtube.com/embed/a?start=7"></iframe>',
    '[https://www.youtube.com/watch?v=a&start=7](https://www.youtube.com/watch?v=a&start=7)',
  ],
])('media of %s', (_, html, text) => {
  expect(readHtml(html)).toEqual([{ type: 'markdown', text }])
})

test.each([
  ['<video src="run/a.mp4"></video>', 'Video run/a.mp4'],
  ['<iframe src="iframe_figures/figure_0.html"></iframe>', 'Page iframe_figures/figure_0.html'],
  // A part of a name could be a part of a secret, which would not be masked.
  [`<audio src="${'a'.repeat(300)}"></audio>`, 'Audio'],
])('media beside the notebook are named: %s', (html, what) => {
  expect(readHtml(html)).toEqual([
    { type: 'notice', text: `${what} is not shown; see the notebook` },
  ])
})

test.each(['javascript:x()', 'blob:null/1', 'about:blank', 'data:audio/wav;base64,', ''])(
  'an address that leads nowhere is nothing: %j',
  (address) => {
    expect(readHtml(`<iframe src="${address}"></iframe><audio src="${address}"></audio>`)).toEqual(
      [],
    )
  },
)

test('media inside the HTML become files of their true type, in their place', async () => {
  const html = `<p>a</p><audio><source src="${wav}" type="video/mp4">no</audio><video src="data:video/mp4,text"></video><p>b</p>`
  expect(await read(html)).toEqual({
    blocks: [
      { type: 'markdown', text: 'a' },
      { type: 'file', file: 0 },
      { type: 'file', file: 1 },
      { type: 'markdown', text: 'b' },
    ],
    files: ['audio-1.wav audio/wav', 'video-1 text/plain'],
  })
})

test('media in the cells of a table follow it', async () => {
  const { blocks } = await read(`<table><tr><td>hum</td><td><audio src="${wav}"></audio></table>`)
  expect(blocks).toEqual([
    { type: 'table', columns: ['', ''], rows: [['hum', '']] },
    { type: 'file', file: 0 },
  ])
})

test('an SVG that calls itself a film goes out as a picture, which is made safe', async () => {
  const svg = encodeURIComponent('<svg xmlns="http://www.w3.org/2000/svg" width="3" height="3"/>')
  expect(await read(`<video src="data:video/mp4,${svg}"></video>`)).toEqual({
    blocks: [{ type: 'image', file: 0 }],
    files: ['video-1.svg image/svg+xml'],
  })
})

test('pictures by addresses of any form', () => {
  const svg = '<svg xmlns="http://www.w3.org/2000/svg" width="3" height="3"></svg>'
  expect(readHtml(`<img src="data:image/svg+xml;utf8,${encodeURIComponent(svg)}">`)).toEqual([
    { type: 'svg', svg },
  ])
  expect(readHtml('<img src="DATA:image/png; base64,AA%45C">')).toEqual([
    { type: 'picture', bytes: Buffer.from([0, 1, 2]), alt: '' },
  ])
  expect(readHtml('<img src="data:text/html,x" alt="y">')).toEqual([
    { type: 'markdown', text: '*y*' },
  ])
})

test('a page inside the HTML is attached as it is, with its secrets masked', async () => {
  const secret = `ghp_${'a1B2'.repeat(9)}`
  const page = `<script>L.map('m')</script><p>gh<b></b>${secret.slice(2)}</p>`
  const { blocks, files } = await readContent({
    blocks: [
      {
        type: 'html',
        html: `<iframe srcdoc="${page.replaceAll('"', '&quot;')}"></iframe>`,
        text: '',
      },
    ],
    files: [],
    limits: DEFAULT_LIMITS,
    masked: true,
  })
  expect(blocks).toEqual([
    { type: 'file', file: 0 },
    { type: 'notice', text: 'Interactive map attached: open map-1.html in a browser' },
  ])
  const text = textOf(files[0])
  expect(text).toContain("<script>L.map('m')</script>")
  expect(text).not.toContain('a1B2')
})

test.each([
  ['the old encoding of the west', Buffer.from([0xe9])],
  ['UTF-16', Buffer.from([0xff, 0xfe])],
])('a page in %s is masked too, and attached as UTF-8', async (_, start) => {
  const secret = `ghp_${'a1B2'.repeat(9)}`
  const rest = Buffer.from(`<p>é ${secret}</p>`, start.length === 2 ? 'utf16le' : 'latin1')
  const page = Buffer.concat([start, rest]).toString('base64')
  const html = `<iframe src="data:text/html;base64,${page}"></iframe>`
  const { files } = await readContent({
    blocks: [{ type: 'html', html, text: '' }],
    files: [],
    limits: DEFAULT_LIMITS,
    masked: true,
  })
  const text = textOf(files[0])
  expect(text).toMatch(/^\ufeffé?<p>é \[masked: GitHub token\]<\/p>$/)
})

test('a file that is over a limit is named', async () => {
  const html = `<audio src="${wav}"></audio>`.repeat(2)
  expect(await read(html, { ...DEFAULT_LIMITS, files: 1 })).toMatchObject({
    blocks: [
      { type: 'file' },
      {
        text: 'A file of the HTML left out: the relay takes 1 files in one post; see the notebook',
      },
    ],
    files: ['audio-1.wav audio/wav'],
  })
  expect((await read(html, { ...DEFAULT_LIMITS, fileBytes: 3 })).blocks).toEqual([
    {
      type: 'notice',
      text: '2 files of the HTML left out: the relay takes files of up to 3 bytes; see the notebook',
    },
  ])
})
