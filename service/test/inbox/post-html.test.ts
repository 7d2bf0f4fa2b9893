import { expect, test } from '@jest/globals'
import type { Block, ReadPost } from '../../../post/schema.ts'
import { postHtml } from '../../inbox/post-html.ts'

function post(change: Partial<ReadPost> = {}): ReadPost {
  return {
    id: 'p1',
    target: '@me',
    destination: 'your inbox',
    status: 'delivered',
    notices: [],
    from: 'alice',
    service: 'inbox',
    blocks: [],
    source: {},
    files: [],
    acceptedAt: '2026-01-01T00:00:00.000Z',
    ...change,
  }
}

const html = (...blocks: Block[]) => postHtml(post({ blocks }))
const file = (name: string, mimetype: string) => ({ name, mimetype, size: 2048 })

/** Markup that acts, whichever block or field it comes in. */
const HOSTILE = [
  '<script>alert(1)</script>',
  '<img src=x onerror=alert(1)>',
  '"><svg onload=alert(1)>',
  "' onmouseover='alert(1)",
  '<iframe srcdoc="<script>alert(1)</script>">',
  '[x](javascript:alert(1))',
  '[x](JaVaScRiPt&colon;alert(1))',
  '[x](data:text/html;base64,PHNjcmlwdD4=)',
  '[x](vbscript:x)',
  '[x](file:///etc/passwd)',
  '<javascript:alert(1)>',
  '![x](javascript:alert(1))',
  '![x](data:image/svg+xml;base64,PHN2Zz4=)',
  '![x](https://evil.example/track.png)',
  '[x]: javascript:alert(1)\n\n[x]',
  '$\\href{javascript:alert(1)}{x}$',
  '$$\\href{javascript:alert(1)}{x}$$',
  '$\\url{javascript:alert(1)}$',
  '$\\includegraphics{https://evil.example/x.png}$',
  '$\\htmlStyle{position:fixed}{x}$',
  '$\\htmlData{x=1}{y}$',
  '```"><script>alert(1)</script>\nx\n```',
  '```latex\n\\href{javascript:alert(1)}{x}\n```',
  '<a href="javascript:alert(1)">x</a>',
  '<a href="java&#10;script:alert(1)">x</a>',
  '<math><mtext><script>alert(1)</script></mtext></math>',
  '<style>*{display:none}</style>',
  '<base href="https://evil.example/">',
  '<form action="https://evil.example"><input name=q></form>',
  '<!--><script>alert(1)</script>-->',
  '</div></article><script>alert(1)</script>',
]

const PLACES: Record<string, (text: string) => ReadPost> = {
  message: (text) => post({ blocks: [{ type: 'message', text }] }),
  markdown: (text) => post({ blocks: [{ type: 'markdown', text }] }),
  text: (text) => post({ blocks: [{ type: 'text', text, stream: 'stderr' }] }),
  code: (text) => post({ blocks: [{ type: 'code', text, language: text.slice(0, 32) }] }),
  latex: (text) => post({ blocks: [{ type: 'latex', text }] }),
  table: (text) => post({ blocks: [{ type: 'table', columns: [text], rows: [[text]] }] }),
  html: (text) => post({ blocks: [{ type: 'html', html: text, text }] }),
  error: (text) =>
    post({ blocks: [{ type: 'error', name: text, message: text, traceback: text }] }),
  notice: (text) => post({ blocks: [{ type: 'notice', text }] }),
  image: (text) =>
    post({ blocks: [{ type: 'image', file: 0, alt: text }], files: [file(text, 'image/png')] }),
  file: (text) => post({ files: [file(text, text)] }),
  'the fields of a post': (text) =>
    post({
      id: text,
      from: text,
      acceptedAt: text,
      error: text,
      notices: [text],
      url: text,
      status: 'dead',
      source: { notebook: text },
    }),
}

const TAGS = /<\/?([a-zA-Z][\w-]*)((?:\s[^\s=>]+(?:="[^"]*")?)*)\s*\/?>/g
const SAFE_TAGS = new Set(
  `a annotation article blockquote br code col div em figure footer h1 h2 h3 h4 h5 h6 header hr img li math menclose mfrac mi mn mo
  mover mpadded mroot mrow mspace msqrt mstyle msub msubsup msup mtable mtd mtext mtr munder munderover ol p path pre s section
  semantics span strong svg table tbody td th thead time tr ul`.split(/\s+/),
)
const SAFE_ATTRIBUTES =
  /^(?:accent|alt|aria-[a-z]+|class|colspan|data-language|datetime|display|download|encoding|fence|height|href|linebreak|loading|lspace|mathbackground|mathcolor|mathvariant|maxsize|minsize|rel|role|rspace|scope|separator|src|start|stretchy|style|tabindex|target|viewBox|width|xmlns|d|preserveAspectRatio)$/
const SAFE_URL =
  /^(?:https?:\/\/|mailto:|#|api\/v1\/posts\/|data:image\/(?:png|jpeg|gif|webp);base64,)/

test.each(Object.keys(PLACES))('hostile text as %s stays text', (place) => {
  for (const text of HOSTILE) {
    const made = PLACES[place]?.(text)
    if (!made) throw new Error(`No place ${place}`)
    const result = postHtml(made)
    for (const [tag, name = '', attributes = ''] of result.matchAll(TAGS)) {
      expect({ text, tag, known: SAFE_TAGS.has(name) }).toEqual({ text, tag, known: true })
      for (const [, attribute = '', value = ''] of attributes.matchAll(
        /\s([^\s=>]+)(?:="([^"]*)")?/g,
      )) {
        expect({ tag, attribute, safe: SAFE_ATTRIBUTES.test(attribute) }).toEqual({
          tag,
          attribute,
          safe: true,
        })
        if (attribute === 'href' || attribute === 'src')
          expect({ tag, safe: SAFE_URL.test(value) }).toMatchObject({ safe: true })
        if (attribute === 'src') expect(value).not.toMatch(/^https?:/)
        if (attribute === 'style') expect(value).not.toMatch(/url\(|position:fixed|expression/)
      }
    }
    // Whatever is left once the tags are gone holds no tag that the pattern above could have missed.
    expect(result.replace(TAGS, '')).not.toContain('<')
  }
})

test('a message has its line breaks, markdown of a cell has those of markdown', () => {
  expect(html({ type: 'message', text: 'a\nb' })).toContain('a<br>\nb')
  expect(html({ type: 'markdown', text: 'a\nb' })).toContain('<p>a\nb</p>')
})

test.each([
  ['$x^2$', true],
  ['a $\\alpha$, $\\beta$.', true],
  ['$$\\sum_i i$$', true],
  ['it costs $5 and $6', false],
  ['$ x $', false],
  ['\\$x$', false],
  ['`$x$`', false],
  ['$HOME and $PATH', false],
])('%j is math: %s', (text, isMath) => {
  expect(html({ type: 'message', text }).includes('class="katex"')).toBe(isMath)
})

test('markdown that would take seconds to render stays as typed', () => {
  const shown = html({ type: 'markdown', text: '['.repeat(1_000_000) })
  expect(shown).toContain(`<pre tabindex="0"><code>${'['.repeat(1000)}`)
})

test('TeX that KaTeX cannot read, or that is too long, stays as typed', () => {
  expect(html({ type: 'latex', text: '\\frac{' })).toContain('<code class="tex">\\frac{</code>')
  expect(html({ type: 'latex', text: 'x'.repeat(20_000) })).toContain('<code class="tex">xxx')
  const bomb = '\\def\\a{\\b\\b}\\def\\b{\\c\\c}\\def\\c{\\a\\a}\\a'
  expect(html({ type: 'latex', text: bomb })).toContain('class="tex"')
})

test('a huge table shows its beginning and says how much is missing', () => {
  const rows = Array.from({ length: 30_000 }, (_, index) => [String(index), 'x'])
  const shown = html({ type: 'table', columns: ['n', 't'], rows })
  expect(shown.match(/<tr>/g)).toHaveLength(10_001)
  expect(shown).toContain('20000 more rows are not shown')
})

test('an image is shown, an SVG and other files are downloads, a file no block names is still there', () => {
  const files = [
    file('a.png', 'image/png'),
    file('b.svg', 'image/svg+xml'),
    file('c.csv', 'text/csv'),
  ]
  const shown = postHtml(
    post({
      blocks: [
        { type: 'image', file: 0 },
        { type: 'image', file: 1 },
      ],
      files,
    }),
  )
  expect(shown).toContain('<img src="api/v1/posts/p1/files/0" alt="a.png" loading="lazy">')
  expect(shown).toContain('<a href="api/v1/posts/p1/files/1" download="b.svg">')
  expect(shown).toContain('<a href="api/v1/posts/p1/files/2" download="c.csv">')
  expect(shown).toContain('2.0 kB')
})

test.each([
  ['queued', 'waiting to be sent'],
  ['retrying', 'trying again'],
  ['unknown', 'perhaps delivered'],
  ['dead', 'not delivered'],
] as const)('a post that is %s says %j and why', (status, words) => {
  const shown = postHtml(post({ status, error: 'Mattermost asks to send less often' }))
  expect(shown).toContain(words)
  expect(shown).toContain('Mattermost asks to send less often')
})

test('the first line says notebook, cell, fate and duration', () => {
  const source = {
    notebook: 'a&b.ipynb',
    executionCount: 3,
    status: 'failed',
    durationMs: 61_000,
  } as const
  const shown = postHtml(post({ source }))
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ')
  expect(shown).toContain('A alice a&amp;b.ipynb In [3] failed 1 min 1 s')
})
