// HTML -> its parts: what a chat shows of it.
import { expect, test } from '@jest/globals'

import { readHtml } from '../../html/content.ts'

const markdown = (text: string) => ({ type: 'markdown', text })
const table = (columns: string[], ...rows: string[][]) => ({ type: 'table', columns, rows })

test('HTML becomes markdown, tables, drawings and pictures in their order', () => {
  const html = `<style>td{}</style><script>alert(1)</script><h3>Run</h3><p>all <b>good</b>, see <a href="https://a.org/x">here</a>
or <a href="javascript:alert(1)">there</a></p><table><thead><tr><th></th><th>loss</th></tr></thead>
<tbody><tr><th>0</th><td>1*2</td></tr><tr><td colspan="2">wide</td></tr></tbody></table><ul><li>one</li></ul>
<pre>x  =  1</pre><figure><svg width="3" height="3"><rect/></svg></figure><img alt="dot" src="data:image/png;base64,AAEC"><img alt="far" src="https://a.org/a.png">`
  expect(readHtml(html)).toEqual([
    markdown('### Run\n\nall **good**, see [here](https://a.org/x) or there'),
    table(['', 'loss'], ['0', '1*2'], ['wide', '']),
    markdown('-   one\n\n```\nx  =  1\n```'),
    { type: 'svg', svg: '<svg width="3" height="3"><rect/></svg>' },
    { type: 'picture', bytes: Buffer.from([0, 1, 2]), alt: 'dot' },
    markdown('![far](https://a.org/a.png)'),
  ])
})

test('a table that only arranges tables and drawings is what is in its cells', () => {
  const inner = '<table><tr><th>shape</th></tr><tr><td>(3, 4)</td></tr></table>'
  const drawing = '<svg width="3" height="3"><rect/></svg>'
  const html = `<table><caption>Array</caption><tbody><tr><td>${inner}</td><td>${drawing} of it</td></tr></tbody></table>`
  expect(readHtml(html)).toEqual([
    markdown('Array'),
    table(['shape'], ['(3, 4)']),
    { type: 'svg', svg: '<svg width="3" height="3"><rect/></svg>' },
    markdown('of it'),
  ])
})

test.each([
  ['0.3', '0.30000000000000004', '0.30000000000000004'],
  ['-1.23457e-10', '-1.23456789e-10', '-1.23456789e-10'],
  ['1234568', '1234567.891', '1234567.891'],
  ['0.3', '0.4000000001', '0.3'],
  ['1', '1e9999', '1'],
  ['12', 'twelve', '12'],
  ['12', '12.000000000000000000000000000001', '12'],
  ['', '0.0000', ''],
  ['a', '5.25', 'a'],
])('a cell that shows %j with the title %j is %j', (shown, title, cell) => {
  const html = `<table><tr><th>a</th></tr><tr><td title="${title}">${shown}</td></tr></table>`
  expect(readHtml(html)).toEqual([table(['a'], [cell])])
})

test('a table of data stays one table, with another one in a cell as its text', () => {
  const inner = '<table><tr><td>1</td><td>2</td></tr></table>'
  const html = `<table><tr><th>run</th><th>sizes</th></tr><tr><td>a</td><td>${inner}</td></tr></table>`
  expect(readHtml(html)).toEqual([table(['run', 'sizes'], ['a', '1 2'])])
})

test.each([
  ['marks and a link', 'a <b>b</b> <em>c</em> <s>d</s> x<sup>2</sup>', 'a **b** *c* ~~d~~ x²'],
  ['blanks outside of marks', 'a<b> b </b>c', 'a **b** c'],
  ['marks that hold nothing', 'a<b></b><i> </i>b', 'a b'],
  ['marks in marks', '<b><b>a</b> <i>b</i></b>', '**a *b***'],
  ['a mark around paragraphs', '<b>a<p>b</p>c</b> d', '**a**\n\n**b**\n\n**c** d'],
  [
    'a link around paragraphs',
    '<a href="https://x.org"><p>a</p><p>b</p></a>',
    '[a](https://x.org)\n\nb',
  ],
  ['no link to a script', '<a href="javascript:x()">l</a>', 'l'],
  [
    'signs of markdown as text',
    '*s* _u_ [l] `c` &lt;b&gt; &amp;lt;',
    '\\*s\\* \\_u\\_ \\[l\\] \\`c\\` &lt;b\\> &amp;lt;',
  ],
  [
    'signs at the start of a line',
    '# a<p>- b</p><p>1. c</p>+ d',
    '\\# a\n\n\\- b\n\n1\\. c\n\n\\+ d',
  ],
  ['entities', '&middot;&nbsp;&#x41;&ouml;', '·\u00a0Aö'],
  ['line breaks', 'a<br>b<br><br>c', 'a  \nb\n\nc'],
  ['lists in lists', '<ol start="3"><li>a<ul><li>b</ul><li>c</ol>', '3.  a\n    -   b\n4.  c'],
  ['a quote', 'a<blockquote>b<p>c</p></blockquote>d', 'a\n\n> b\n>\n> c\n\nd'],
  [
    'code',
    '<code>a  `b`</code> and <pre>\n x\n```\n</pre>',
    '`` a `b` `` and\n\n````\n x\n```\n````',
  ],
  ['a heading of two lines', '<h2>a<br>b</h2>c', '## a b\n\nc'],
  ['a rule', 'a<hr>b', 'a\n\n---\n\nb'],
  [
    'remote pictures as links',
    '<img src="https://x.org/i.png" alt="i">',
    '![i](https://x.org/i.png)',
  ],
  [
    'words of remote pictures on one line, as text',
    '<img src="https://x.org/i.png" alt="a&#13;&#10;# *b* `">',
    '![a # \\*b\\* \\`](https://x.org/i.png)',
  ],
  [
    'addresses that would end the link or its line',
    '<a href="https://x.org/\\">a</a> <a href="https://x.org/`">b</a>',
    '[a](https://x.org/%5C) [b](https://x.org/%60)',
  ],
  [
    'line ends of any kind',
    '<blockquote><pre>a&#13;b\r\nc</pre></blockquote>',
    '> ```\n> a\n> b\n> c\n> ```',
  ],
  ['other pictures by their words', '<img src="/a.png" alt="a*b"><img src=x>', '*a\\*b* *picture*'],
  ['what closes nothing and is not closed', '</i>a</div><p>b<p>c<b>d', 'a\n\nb\n\nc**d**'],
  [
    'icons and hidden sprites not at all',
    'x<svg class="icon"><use href="#a"/></svg><svg width="9" style="display:none"></svg><svg style="position: absolute; width: 0" viewBox="0 0 1 1"></svg>',
    'x',
  ],
  ['the words of a drawing that never ends', '<svg width="3"><text>a</text> b', 'a b'],
  [
    'not what such a drawing does not show',
    '<svg width="3"><style>x</style><script>y</script><metadata>z</metadata><text>a',
    'a',
  ],
  [
    'nothing of scripts, styles and templates',
    'a<script>x</script><style>y</style><template>z</template><!-- c --><?p?>b',
    'ab',
  ],
])('%s', (_, html, text) => {
  expect(readHtml(html)).toEqual([markdown(text)])
})

test.each([
  [
    'as pandas writes it',
    '<div><style scoped>.dataframe{}</style><table class="dataframe"><thead><tr style="text-align: right;"><th></th><th>a</th></tr></thead><tbody><tr><th>0</th><td>1 &lt; 2</td></tr></tbody></table></div>',
    [table(['', 'a'], ['0', '1 < 2'])],
  ],
  [
    'with text around it',
    '<p>5 rows</p><table><tr><th>a<tr><td>1</table>end',
    [markdown('5 rows'), table(['a'], ['1']), markdown('end')],
  ],
  [
    'without a head',
    '<table><tr><td>a<td>b<tr><td>c</table>',
    [table(['', ''], ['a', 'b'], ['c', ''])],
  ],
  [
    'without end tags, also of what cells hold',
    '<table><tr><td>a<th><b>b<tr><td><i>c<td>d</table>',
    [table(['', ''], ['a', 'b'], ['c', 'd'])],
  ],
  [
    'with joined cells',
    '<table><tr><th rowspan="2">set</th><th colspan="2">score</th></tr><tr><th>f1</th><th>acc</th></tr><tr><td>a</td><td>1</td><td>2</td></tr></table>',
    [table(['set', 'score', ''], ['', 'f1', 'acc'], ['a', '1', '2'])],
  ],
  [
    'with a caption',
    '<table><caption>Runs</caption><tr><td>1</td></tr></table>',
    [markdown('Runs'), table([''], ['1'])],
  ],
  [
    'in a table',
    '<table><tr><td>a<table><tr><td>b<td>c</table></td></tr></table>',
    [markdown('a'), table(['', ''], ['b', 'c'])],
  ],
  [
    'with lines in its cells',
    '<table><tr><td>a<br>b<p>c</p></td></tr></table>',
    [table([''], ['a b c'])],
  ],
  [
    'with a picture',
    '<table><tr><td><img src="data:image/png;base64,AAEC" alt="p">a</td></tr></table>',
    [table([''], ['a']), { type: 'picture', bytes: Buffer.from([0, 1, 2]), alt: 'p' }],
  ],
  ['of nothing', '<table><tr></tr></table>', []],
])('a table %s', (_, html, parts) => {
  expect(readHtml(html)).toEqual(parts)
})

test('cells that spans leave empty are bounded, in all tables together', () => {
  const row = `<tr>${'<td colspan=1000000000 rowspan=1000000000>x</td>'.repeat(100)}</tr>`
  const parts = readHtml(`<table>${row}${'<tr></tr>'.repeat(99)}</table>`.repeat(3))
  const cells = parts.flatMap((part) => (part.type === 'table' ? part.rows.flat() : []))
  expect(cells.filter((cell) => cell === 'x')).toHaveLength(300)
  expect(cells.length).toBeLessThanOrEqual(50_300)
})

test('a drawing is written as XML, however HTML spells it', () => {
  const html =
    '<svg width=3 viewBox="0 0 3 3"><linearGradient id=a /><text x=\'"\'>a&nbsp;&amp;&lt;<![CDATA[b]]></text></svg>'
  expect(readHtml(html)).toEqual([
    {
      type: 'svg',
      svg: '<svg width="3" viewBox="0 0 3 3"><linearGradient id="a"/><text x="&quot;">a\u00a0&amp;&lt;b</text></svg>',
    },
  ])
})

test.each([
  ['in a row', 'span', (label: string) => label],
  ['in columns', 'div', (label: string) => `<div class="p-swatch-label" title="x">${label}</div>`],
])('the swatches of a legend %s are one drawing with its words', (_name, tag, labelled) => {
  const items = ['#4269d0', '#efb118'].map(
    (fill, n) =>
      `<${tag} class="p-swatch"><svg fill="${fill}" width="15" height="15"><rect/></svg>${labelled(`run &amp; ${n}`)}</${tag}>`,
  )
  const html = `<div class="p-swatches p-swatches-wrap">${items.join('')}</div><p>below</p>`
  expect(readHtml(html)).toEqual([
    {
      type: 'svg',
      svg: expect.stringMatching(
        /^<svg width="\d+" height="24".*<svg x="0" y="4.5" fill="#4269d0".*>run &amp; 0<.*fill="#efb118".*>run &amp; 1<\/text><\/svg>$/,
      ),
    },
    markdown('below'),
  ])
})

test('an address keeps its round brackets, in a form that ends no link', () => {
  const html = '<a href="https://a.example/A_(b)">x</a> <img alt="y" src="https://a.example/(c)">'
  expect(readHtml(html)).toEqual([
    {
      type: 'markdown',
      text: '[x](https://a.example/A_%28b%29) ![y](https://a.example/%28c%29)',
    },
  ])
})
