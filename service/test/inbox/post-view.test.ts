// What the page draws for posts, in a real browser.
import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import type { Block, ReadPost } from '../../../post/contract/schema.ts'
import { openViews } from '../helpers/views.ts'
import type { Views } from '../helpers/views.ts'

let views: Views

beforeAll(async () => {
  views = await openViews()
}, 60_000)

afterAll(async () => {
  await views[Symbol.asyncDispose]()
})

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

const html = (...blocks: Block[]) => views.html(post({ blocks }))
const tex = (text: string) => html({ type: 'latex', text })
const file = (name: string, mimetype: string) => ({ name, mimetype, size: 2048 })

/** Markup that would act, in whatever block or field it comes. */
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

const SAFE_TAGS = new Set(
  `a annotation article b blockquote br button code col div em figure footer form h1 h2 h3 h4 h5 h6 header hr i img li line math menclose mfrac
  mi mn mo mover mpadded mroot mrow mspace msqrt mstyle msub msubsup msup mtable mtd mtext mtr munder munderover ol p path pre s section
  semantics span strong svg table tbody td textarea th thead time tr ul`.split(/\s+/),
)
const SAFE_ATTRIBUTES =
  /^(?:accent|alt|aria-[a-z]+|class|colspan|data-language|datetime|display|download|encoding|fence|height|href|id|linebreak|loading|lspace|mathbackground|mathcolor|mathvariant|maxsize|minsize|rel|role|rspace|scope|separator|src|start|stretchy|style|tabindex|target|title|type|viewBox|width|xmlns|d|preserveAspectRatio)$/
const SAFE_URL = /^(?:https?:\/\/|mailto:|#|blob:|data:image\/(?:png|jpeg|gif|webp);base64,)/

/** Runs in the browser: tag, attribute and value of everything drawn. */
const DRAWN = `[...document.body.querySelectorAll('*')].flatMap((element) => [
  [element.localName, '', ''],
  ...[...element.attributes].map(({ name, value }) => [element.localName, name, value]),
])`

test.each(Object.keys(PLACES))('hostile text as %s stays text', async (place) => {
  const complaints: string[] = []
  const listen = (text: string) => complaints.push(text)
  views.page.on('dialog', (dialog) => listen(dialog.message()))
  views.page.on('request', (request) => listen(request.url()))
  const posts = HOSTILE.map((text) => PLACES[place]?.(text)).filter((made) => made !== undefined)
  await views.draw(...posts)
  const drawn = await views.page.evaluate<[string, string, string][]>(DRAWN)
  for (const [tag, attribute, value] of drawn) {
    expect({ tag, known: SAFE_TAGS.has(tag) }).toEqual({ tag, known: true })
    if (attribute === '') continue
    const safe = SAFE_ATTRIBUTES.test(attribute)
    expect({ tag, attribute, value, safe }).toEqual({ tag, attribute, value, safe: true })
    if (attribute === 'href' || attribute === 'src')
      expect({ tag, value, safe: SAFE_URL.test(value) }).toMatchObject({ safe: true })
    if (attribute === 'src') expect(value).not.toMatch(/^https?:/)
    if (attribute === 'style') expect(value).not.toMatch(/url\(|position: ?fixed|expression/)
  }
  expect(complaints.filter((text) => !/^(?:blob|data):/.test(text))).toEqual([])
})

test('a message has its line breaks, markdown of a cell has those of markdown', async () => {
  expect(await html({ type: 'message', text: 'a\nb' })).toContain('<p>a<br>\nb</p>')
  expect(await html({ type: 'markdown', text: 'a\nb' })).toContain('<p>a\nb</p>')
})

test('markdown is what it was in the chat: headings, lists, quotes, tables, code, links', async () => {
  const text = `# A *b* ~~c~~
1. one
2. two

   more

5) five

- tight
  - nested

> quote

| a | b |
|:--|--:|
| \`x\` | **2** |

---
    indented

\`\`\`ts
let a
\`\`\`
[x](https://example.org "title") https://example.org/y`
  const shown = await html({ type: 'markdown', text })
  for (const part of [
    '<h1>A <em>b</em> <s>c</s></h1>',
    '<ol><li><p>one</p></li><li><p>two</p><p>more</p></li></ol><ol start="5"><li>five\n</li></ol>',
    '<ul><li>tight\n<ul><li>nested\n</li></ul></li></ul>',
    '<blockquote><p>quote</p></blockquote>',
    '<div class="table" role="region" aria-label="Table" tabindex="0"><table><thead><tr><th style="text-align: left;">a</th>',
    '<td style="text-align: left;"><code>x</code></td><td style="text-align: right;"><strong>2</strong></td>',
    '<hr>',
    '<pre tabindex="0"><code>indented</code></pre>',
    '<pre tabindex="0" data-language="ts"><code>let a</code></pre>',
    '<a href="https://example.org" target="_blank" rel="noopener noreferrer nofollow" title="title">x</a>',
    '<a href="https://example.org/y" target="_blank" rel="noopener noreferrer nofollow">https://example.org/y</a>',
  ])
    expect(shown).toContain(part)
})

test('HTML of a cell is its text until the relay has made markdown and pictures of it', async () => {
  const shown = await html({ type: 'html', html: '<b>bold</b>', text: 'as text' })
  expect(shown).toContain('<pre tabindex="0" class="result">as text</pre>')
  expect(await html({ type: 'html', html: '<b>x</b>', text: '' })).toContain('not converted yet')
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
])('%j is math: %s', async (text, isMath) => {
  expect((await html({ type: 'message', text })).includes('class="katex"')).toBe(isMath)
})

test('long markdown stays as typed until somebody asks for it, what nobody reads stays so', async () => {
  const long = '**a** '.repeat(5000)
  await views.draw(post({ blocks: [{ type: 'markdown', text: long }] }))
  expect(await views.page.locator('strong').count()).toBe(0)
  await views.page.getByRole('button', { name: 'show as markdown' }).click()
  expect(await views.page.locator('strong').count()).toBe(5000)
  await views.draw(post({ blocks: [{ type: 'markdown', text: '['.repeat(1_000_000) }] }))
  expect(await views.page.getByRole('button').allInnerTexts()).toEqual(['… 800000 more characters'])
})

test('TeX that KaTeX cannot read, or that is too long, stays as typed; longer than a line is drawn when asked for', async () => {
  expect(await tex('\\frac{')).toContain('<code class="tex">\\frac{</code>')
  expect(await tex('x'.repeat(20_000))).toContain('<code class="tex">xxx')
  const bomb = '\\def\\a{\\b\\b}\\def\\b{\\c\\c}\\def\\c{\\a\\a}\\a'
  expect(await tex(bomb)).toContain('class="tex"')
  expect(await tex('x + '.repeat(500))).not.toContain('class="katex"')
  await views.page.getByRole('button', { name: 'show the formula' }).click()
  expect(await views.page.locator('.katex').count()).toBe(1)
  expect(await views.page.getByRole('button').count()).toBe(0)
})

test('a formula that somebody asked for stays when its post changes', async () => {
  const long: Block = { type: 'latex', text: 'asked + '.repeat(100) + '1' }
  await views.draw(post({ status: 'queued', blocks: [long] }))
  await views.page.getByRole('button', { name: 'show the formula' }).click()
  await views.draw(post({ blocks: [long] }))
  expect(await views.page.locator('.katex').count()).toBe(1)
})

test.each(['$$x$$', '$x$', '\\[x\\]', '\\(x\\)', ' x '])('%j is the formula x', async (text) => {
  const shown = await html({ type: 'latex', text })
  expect(shown).toContain('<annotation encoding="application/x-tex">x</annotation>')
})

test('a huge table shows its first and last rows and columns, and is saved as CSV', async () => {
  const rows = Array.from({ length: 30_000 }, (_, index) => [String(index), 'x'])
  await views.draw(post({ blocks: [{ type: 'table', columns: ['n', 't'], rows }] }))
  await views.page.getByText('20000 rows are not shown').waitFor()
  await views.page.getByText('29999', { exact: true }).waitFor({ state: 'attached' })
  expect(await views.page.locator('tbody tr').count()).toBe(10_001)
  expect(await views.page.locator('tbody tr:nth-child(5001)').innerText()).toBe('…\t…')
  const wide = Array.from({ length: 20_000 }, (_, index) => String(index))
  await views.draw(post({ blocks: [{ type: 'table', columns: wide, rows: [wide] }] }))
  await views.page.getByText('the first 16 and last 15 of 20000 columns').waitFor()
  expect(await views.page.locator('th, td').count()).toBe(64)
  const saved = views.page.waitForEvent('download')
  await views.page.getByRole('button', { name: 'Save the whole table as CSV' }).click()
  const download = await saved
  expect(download.suggestedFilename()).toBe('table.csv')
  const csv = readFileSync(await download.path(), 'utf8')
  expect(csv).toBe(`\ufeff${wide.join(',')}\r\n${wide.join(',')}\r\n`)
})

/** Of the cells in the third row. */
async function columnClasses(table: Block): Promise<string[]> {
  await views.draw(post({ blocks: [table] }))
  const cells = await views.page.locator('tr:nth-child(3) td').all()
  return Promise.all(cells.map(async (cell) => (await cell.getAttribute('class')) ?? ''))
}

test('columns are aligned as in a chat: numbers beside dots, and as the table says', async () => {
  const rows = [
    ['1', 'x', 'y'],
    ['...', '...', '...'],
    ['2', 'x', 'y'],
  ]
  const columns = ['a', 'b', 'c']
  expect(await columnClasses({ type: 'table', columns, rows })).toEqual(['number', '', ''])
  const align = ['left', 'right', 'center'] as const
  expect(await columnClasses({ type: 'table', columns, rows, align: [...align] })).toEqual([
    '',
    'number',
    'center',
  ])
})

test('a post of very many parts shows the first of them', async () => {
  const blocks = Array.from({ length: 30_000 }, (): Block => ({ type: 'notice', text: 'x' }))
  await views.draw(post({ blocks }))
  expect(await views.page.locator('.notice').count()).toBe(300)
  await views.page.getByRole('button', { name: '… 29700 more parts' }).click()
  expect(await views.page.locator('.notice').count()).toBe(600)
})

test('an image is shown, an SVG and other files are downloads, a file no block names is still there', async () => {
  const files = [
    file('a.png', 'image/png'),
    file('b.svg', 'image/svg+xml'),
    file('c.csv', 'text/csv'),
  ]
  const blocks: Block[] = [
    { type: 'image', file: 0 },
    { type: 'image', file: 1 },
  ]
  await views.draw(post({ blocks, files }))
  const { page } = views
  expect(await page.locator('img').count()).toBe(1)
  expect(await page.locator('img').getAttribute('alt')).toBe('a.png')
  expect(await page.locator('.file').allInnerTexts()).toEqual(['b.svg 2.0 kB', 'c.csv 2.0 kB'])
})

test.each([
  ['queued', 'waiting to be sent'],
  ['retrying', 'trying again'],
  ['unknown', 'perhaps delivered'],
  ['dead', 'not delivered'],
] as const)('a post that is %s says %j and why', async (status, words) => {
  await views.draw(post({ status, error: 'Mattermost asks to send less often' }))
  const shown = await views.page.locator('footer').innerText()
  expect(shown).toContain(words)
  expect(shown).toContain('Mattermost asks to send less often')
})

test('the first line says notebook, cell, fate and duration', async () => {
  const source = {
    notebook: 'a&b.ipynb',
    executionCount: 3,
    status: 'failed',
    durationMs: 61_000,
  } as const
  await views.draw(post({ source }))
  const shown = (await views.page.locator('header').innerText()).replace(/\s+/g, ' ')
  expect(shown).toContain('A alice your inbox a&b.ipynb In [3] failed 1 min 1 s')
})

test('what an error says is not said again above its frames', async () => {
  const traceback = '\n\nE: m\n    at In[1]:1:1\n'
  const shown = await html({ type: 'error', name: 'E', message: 'm', traceback })
  expect(shown).toContain(
    '<div class="error"><p><strong>E</strong> m</p><pre tabindex="0">    at In[1]:1:1</pre></div>',
  )
})
