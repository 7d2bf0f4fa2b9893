// Posts made by hand to break a relay: each kind of input that once did, and similar ones.
import { crc32, deflateSync, gzipSync } from 'node:zlib'

export interface FuzzPost {
  name: string
  /** JSON, or what is sent in its place. */
  manifest: string
  files: { name: string; type: string; bytes: Buffer }[]
}

const MEGABYTE = 1_000_000
const filled = (text: string, size = MEGABYTE) =>
  text.repeat(Math.floor(size / Buffer.byteLength(text)))
const times = <T>(count: number, value: T): T[] => Array.from({ length: count }, () => value)
const nested = (open: string, close: string, depth: number) =>
  open.repeat(depth) + close.repeat(depth)

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data])
  const [length, check] = [Buffer.alloc(4), Buffer.alloc(4)]
  length.writeUInt32BE(data.length)
  check.writeUInt32BE(crc32(body))
  return Buffer.concat([length, body, check])
}

/** An empty picture, as large as it claims and as small as zlib makes it. */
function bombPng(side: number, rows: number): Buffer {
  const header = Buffer.alloc(13)
  header.writeUInt32BE(side)
  header.writeUInt32BE(side, 4)
  header.set([8, 6], 8)
  const data = deflateSync(Buffer.alloc((side * 4 + 1) * rows), { level: 9 })
  return Buffer.concat([
    Buffer.from('89504e470d0a1a0a', 'hex'),
    chunk('IHDR', header),
    chunk('IDAT', data),
    chunk('IEND', Buffer.alloc(0)),
  ])
}

type Blocks = object[]

const BLOCKS: Record<string, Blocks> = {
  'images that never end': [{ type: 'markdown', text: '![]('.repeat(6000) }],
  'a megabyte of images that never end': [{ type: 'message', text: filled('![](') }],
  'a table of 20,000 columns over 20,000 rows': [
    { type: 'table', columns: times(20_000, ''), rows: times(20_000, []) },
  ],
  'a table with one wide row': [
    { type: 'table', columns: ['a'], rows: [times(50_000, ''), ...times(50_000, [])] },
  ],
  'a table with one wide cell': [
    {
      type: 'table',
      columns: ['a', 'b'],
      rows: [['x'.repeat(500_000), ''], ...times(9999, ['', 'y'])],
    },
  ],
  'a table of a million cells': [{ type: 'table', columns: [], rows: [times(MEGABYTE, '')] }],
  'a hundred long formulas': times(100, { type: 'latex', text: filled('\\frac{a^b}{c_d}+', 8000) }),
  'formulas in markdown': [
    { type: 'markdown', text: filled('$\\sqrt{\\sqrt{\\sqrt{x}}}$ ', 300_000) },
  ],
  'TeX that defines itself': [
    { type: 'latex', text: '\\def\\a{\\a\\a}\\a' },
    { type: 'latex', text: '\\def\\x#1{\\x{#1#1}}\\x{y}' },
    { type: 'latex', text: filled('{', 50_000) },
    { type: 'latex', text: '\\b', macros: filled('\\def\\b{\\b\\b}', 50_000) },
  ],
  'nested quotes': [{ type: 'markdown', text: filled('> ') }],
  'nested lists': [
    {
      type: 'markdown',
      text: Array.from({ length: 1200 }, (_, n) => `${' '.repeat(n)}- x`).join('\n'),
    },
  ],
  'nested emphasis': [{ type: 'markdown', text: filled('*a **b ') }],
  'nested brackets': [
    { type: 'markdown', text: filled('[') },
    { type: 'message', text: filled('](', 40_000) },
  ],
  'code fences without end': [{ type: 'markdown', text: filled('```\n') }],
  'code fences with emoji': [{ type: 'markdown', text: filled('```\n😀\n```\n') }],
  'pipe tables': [{ type: 'markdown', text: filled('|a|b|\n|-|-|\n\n') }],
  'a delimiter row with blanks': [{ type: 'markdown', text: `|a|\n|-${' '.repeat(900_000)}x|` }],
  'nested elements': [{ type: 'html', html: nested('<div>', '</div>', 90_000), text: '' }],
  'nested marks': [{ type: 'html', html: filled('<b>', 300_000), text: 'marks' }],
  'nested tables': [{ type: 'html', html: filled('<table><tr><td>', 600_000), text: 'tables' }],
  'spans of a million': [
    {
      type: 'html',
      html: `<table>${filled('<tr><td rowspan=1000000 colspan=1000000>x</td></tr>', 500_000)}</table>`,
      text: 'spans',
    },
  ],
  'spans over empty rows': [
    {
      type: 'html',
      html: `<table><tr>${'<td colspan=100 rowspan=100>x</td>'.repeat(1000)}</tr>${'<tr>'.repeat(99)}</table>`.repeat(
        20,
      ),
      text: 'spans',
    },
  ],
  'HTML that never ends': [
    { type: 'html', html: filled('<a href="'), text: '' },
    { type: 'html', html: filled('<!--', 20_000), text: '' },
  ],
  'tiny tables': [{ type: 'html', html: filled('<table><tr><td>1</table>'), text: 'tables' }],
  'four megabytes of HTML': [{ type: 'html', html: filled('<b>x</b>', 4_100_000), text: 'marks' }],
  'attributes without end': [
    {
      type: 'html',
      html: `<p ${Array.from({ length: 400_000 }, (_, n) => `a${n}`).join(' ')}>x`,
      text: '',
    },
  ],
  'inline drawings': [
    { type: 'html', html: filled('<svg width="1" height="1"><g></g></svg>', 20_000), text: '' },
  ],
  'one line of a megabyte': [{ type: 'text', text: filled('a') }],
  'empty lines': [{ type: 'text', text: filled('\n') }],
  blanks: [{ type: 'notice', text: `${filled(' ', 900_000)}x` }],
  '100,000 blocks': times(100_000, { type: 'text', text: 'a' }),
  '30,000 blocks': times(30_000, { type: 'notice', text: '' }),
  '30,000 choices': [{ type: 'choices', choices: times(30_000, 'a'), until: '2026-01-01' }],
  'combining marks': [{ type: 'text', text: `a${filled('\u0301')}` }],
  'control characters': [{ type: 'text', text: filled('\u0000\u0001\u001b[31m') }],
  'lone surrogates': [{ type: 'message', text: filled('\ud800x') }],
  mentions: [
    { type: 'markdown', text: filled('@all ') },
    { type: 'message', text: filled('@&#97;ll ', 1000) },
  ],
  entities: [{ type: 'html', html: filled('&amp;&#x41;&nosuch;'), text: '' }],
  secrets: [{ type: 'text', text: filled(`ghp_${'a1B2'.repeat(9)} `) }],
  'almost secrets': [
    { type: 'text', text: filled('eyJhbGciOiJIUzI1NiJ9.') },
    { type: 'code', text: 'KEY = "', language: 'js' },
  ],
  'prototype names': [
    { type: 'table', columns: ['__proto__', 'constructor'], rows: [['toString', '__proto__']] },
    { type: 'error', name: '__proto__', message: 'constructor', traceback: 'hasOwnProperty' },
  ],
  'an error of a megabyte': [
    { type: 'error', name: 'E', message: filled('m', 300_000), traceback: filled(' ', 600_000) },
  ],
}

const FILES: Record<string, FuzzPost['files']> = {
  'comments in a drawing': [file('a.svg', filled('<!---->', 197))],
  'a drawing of comments': [file('a.svg', filled('<!---->', 500_000))],
  'a drawing that reads a file': [
    file(
      'a.svg',
      `<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><image data-a='href="#"' href='/etc/passwd' data-b='"'/></svg>`,
    ),
  ],
  'a nested drawing': [
    file('a.svg', `<svg xmlns="http://www.w3.org/2000/svg">${nested('<g>', '</g>', 50_000)}</svg>`),
  ],
  'a drawing that uses itself': [
    file(
      'a.svg',
      `<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><defs>${Array.from({ length: 12 }, (_, n) => `<g id="g${n + 1}">${`<use href="#g${n}"/>`.repeat(10)}</g>`).join('')}<g id="g0"><rect width="1" height="1"/></g></defs><use href="#g12"/></svg>`,
    ),
  ],
  'entities in a drawing': [
    file(
      'a.svg',
      `<!DOCTYPE svg [<!ENTITY a "aaaaaaaaaa">${Array.from({ length: 9 }, (_, n) => `<!ENTITY a${n + 1} "${`&a${n === 0 ? '' : n};`.repeat(10)}">`).join('')}]><svg xmlns="http://www.w3.org/2000/svg"><text>&a9;</text></svg>`,
    ),
  ],
  'a picture of 60,000 by 60,000': [file('a.png', bombPng(60_000, 4))],
  'a picture of 8000 by 8000': [file('a.png', bombPng(8000, 8000))],
  'a plot of much data': [
    file(
      'a.vl.json',
      JSON.stringify({
        $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
        data: { values: Array.from({ length: 100_000 }, (_, x) => ({ x, y: x % 7 })) },
        mark: 'point',
        encoding: { x: { field: 'x', type: 'quantitative' }, y: { field: 'y', type: 'nominal' } },
      }),
    ),
  ],
  'a plot without end': [
    file(
      'a.vg.json',
      JSON.stringify({
        $schema: 'https://vega.github.io/schema/vega/v6.json',
        data: [{ name: 'a', transform: [{ type: 'sequence', start: 0, stop: 1e9 }] }],
      }),
    ),
  ],
  'names of every kind': [
    file('../../../etc/passwd', 'x'),
    file('.'.repeat(5000), 'x'),
    file(`${'@all '.repeat(200)}.txt`, 'x'),
    file('con\u0000\u202etxt.exe', 'x'),
    file('__proto__', 'x'),
    file('"; filename="b', 'x'),
  ],
  'a compressed bomb': [file('a.gz', gzipSync(Buffer.alloc(20_000_000)))],
  'a text of 20 MB': [file('a.txt', filled('password=x eyJ ', 20_000_000))],
  'a hundred empty files': times(100, file('a.txt', '')),
}

function file(name: string, content: string | Buffer): FuzzPost['files'][number] {
  return { name, type: 'application/octet-stream', bytes: Buffer.from(content) }
}

const MANIFESTS: Record<string, string> = {
  'JSON that nests 4 million levels': '['.repeat(4_000_000),
  'JSON with 2 million objects': `{"targets":["@me"],"blocks":[${filled('{},', 6_000_000)}{}]}`,
  'JSON with prototype names': `{"targets":["@me"],"__proto__":{"mask":"off"},"blocks":[{"type":"text","text":"a","__proto__":{"x":1}}]}`,
  'a notebook of a megabyte': JSON.stringify({
    targets: ['@me'],
    blocks: [{ type: 'text', text: 'a' }],
    source: { notebook: filled('n') },
  }),
  'a target of a megabyte': JSON.stringify({
    targets: [filled('t')],
    blocks: [{ type: 'text', text: 'a' }],
  }),
  'no JSON': '\u0000',
}

/** All of them, for this target. */
export function craftedPosts(target: string): FuzzPost[] {
  const post = (name: string, blocks: Blocks, files: FuzzPost['files'] = []): FuzzPost => {
    return {
      name: `${name} to ${target}`,
      manifest: JSON.stringify({ targets: [target], blocks }),
      files,
    }
  }
  return [
    ...Object.entries(BLOCKS).map(([name, blocks]) => post(name, blocks)),
    ...Object.entries(FILES).map(([name, files]) =>
      post(
        name,
        files.map((_, n) => ({ type: n % 2 === 0 ? 'image' : 'file', file: n })),
        files,
      ),
    ),
    ...Object.entries(MANIFESTS).map(([name, manifest]) => ({ name, manifest, files: [] })),
  ]
}
