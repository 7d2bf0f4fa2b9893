// Displayed markdown as chats can show it: no tags, and what they do not know in their own words.
// What they show as it is stays as it was typed.
import { expect, test } from '@jest/globals'

import { DEFAULT_LIMITS } from '../../../post/contract/schema.ts'
import type { Block } from '../../../post/contract/schema.ts'
import { readContent } from '../../offload/content.ts'
import { blockPieces } from '../../render/markdown.ts'
import { printPiece } from '../../render/pieces.ts'

const Z = '\u200b'
const SECRET = `ghp_${'a1B2'.repeat(9)}`

async function read(block: Block): Promise<Block[]> {
  const limits = { ...DEFAULT_LIMITS }
  return (await readContent({ blocks: [block], files: [], limits, masked: true })).blocks
}

/** As Mattermost gets it. */
async function printed(block: Block): Promise<string> {
  const dialect = { tables: true, math: true }
  return (await read(block))
    .flatMap((part) => blockPieces(part, [], dialect, true))
    .map(printPiece)
    .join('\n\n')
}

test.each<[what: string, markdown: string, shown: string]>([
  ['a line break', 'a<br>b<br/>c', 'a  \nb  \nc'],
  ['low and high letters', 'H<sub>2</sub>O, x<sup>n+1</sup>, x<sup>Q</sup>', 'H₂O, xⁿ⁺¹, x^Q'],
  ['a style', '<span style="color:red">red *em*</span> x', 'red *em* x'],
  ['keys', 'press <kbd>Ctrl</kbd>+<kbd>C</kbd>', 'press `Ctrl`+`C`'],
  ['a comment', 'a <!-- b --> c\n\n<!--\nd\n-->', 'a c'],
  [
    'details',
    '<details>\n<summary>More</summary>\n\nSome **bold**\n\n```python\nx = 1\n```\n\n</details>\n\nafter *as* typed',
    '**More**\n\nSome **bold**\n\n```python\nx = 1\n```\n\nafter *as* typed',
  ],
  ['centred text', '<div align="center">\n\n# Head\n\n</div>', '# Head'],
  [
    'a table of HTML in pieces',
    '<table><tr><th>a</th></tr>\n\n<tr><td>1</td></tr></table>',
    '| a |\n| --: |\n| 1 |',
  ],
  [
    'tags in the cells of a table',
    '| a<br>c | b |\n|---|:-:|\n| H<sub>2</sub> | **b** [l](https://x.org) `c` |',
    '| a c | b |\n| --- | :-: |\n| H₂ | **b** [l](https://x.org) `c` |',
  ],
  [
    'a table in a list',
    '- item\n\n  | a | b |\n  |--:|---|\n  | **1** | `x` |\n\n- next',
    '-   item\n\n| a | b |\n| --: | --- |\n| **1** | `x` |\n\n-   next',
  ],
  ['tasks', '- [ ] to do\n- [x] done **b**', '-   ☐ to do\n-   ☑ done **b**'],
  [
    'footnotes',
    'One[^1] and two[^n].\n\n[^1]: First\n[^n]: Second *note*',
    'One¹ and two².\n\n---\n\n¹ First\n\n² Second *note*',
  ],
  ['definitions', 'Term\n: One\n: Two', '**Term**\n\n-   One\n\n-   Two'],
  [
    'links by reference',
    '[a][r] and ![i][r]\n\n[r]: https://x.org/a',
    '[a](https://x.org/a) and [i](https://x.org/a)',
  ],
  ['an attachment of the notebook', '![plot](attachment:p.png)<br>', '*plot*'],
  ['an image in a tag', '<img src="https://a.org/b.png" alt="B">', '[B](https://a.org/b.png)'],
  [
    'formulas on lines of their own',
    '$$\nx^2 \\\\\n- y\n$$\n\ntext $$a$$ in $b$\n\n\\begin{align}\na\n\\end{align}',
    '```latex\nx^2 \\\\\n- y\n```\n\ntext\n\n```latex\na\n```\n\nin $b$\n\n```latex\n\\begin{align}\na\n\\end{align}\n```',
  ],
  ['a formula in a list', '- f\n\n  $$c$$\n- n', '-   f\n\n```latex\nc\n```\n\n-   n'],
  ['dollars with a backslash', 'cost \\$5 or \\$6<br>x', 'cost &#36;5 or &#36;6  \nx'],
  [
    'code in a list',
    '1. a\n\n   ```js\n   let x\n   ```\n2. b<br>c',
    '1.  a\n\n    ```js\n    let x\n    ```\n\n2.  b  \n    c',
  ],
  [
    'no pings',
    '<b>@all</b> @<i></i>here<br>&#64;channel',
    `**@${Z}all** @${Z}here  \n@${Z}channel`,
  ],
  [
    'secrets across tags',
    `a<br>${SECRET.slice(0, 9)}<b>${SECRET.slice(9)}</b>`,
    'a  \n\\[masked: GitHub token\\]',
  ],
])('%s', async (_, text, shown) => {
  expect(await printed({ type: 'markdown', text })).toBe(shown)
})

test.each([
  ['plain *as* typed\nwith lines\n\n* a\n* b\n\n| a | b |\n|---|---|\n| 1 | `x` |\n\n> q'],
  ['a < b and List<int> x, if (a<b>c) y'],
  ['so $x_1$ and `<br>`\n\n```\n<br>\n```\n\n    <br>'],
  [`${'long '.repeat(21_000)}<br>`],
])('what chats show stays as typed: %#', async (text) => {
  expect(await read({ type: 'markdown', text })).toEqual([{ type: 'markdown', text }])
})

test('only what must change does', async () => {
  const text = '* a\n* b\n\nx<br>y\n\n* c'
  expect(await read({ type: 'markdown', text })).toEqual([
    { type: 'markdown', text: '* a\n* b' },
    { type: 'markdown', text: 'x  \ny' },
    { type: 'markdown', text: '* c' },
  ])
})

test('a MESSAGE stays one, with its line breaks and the people that it mentions', async () => {
  expect(await read({ type: 'message', text: 'hi @bob<br>$y_1$ <b>x</b>\nnew $$z$$' })).toEqual([
    { type: 'message', text: 'hi @bob  \n$y_1$ **x**  \nnew $$z$$' },
  ])
})

test('a formula on lines of its own in a MESSAGE is a formula', async () => {
  expect(await read({ type: 'message', text: 'see @bob\n\n$$\n\\frac{a}{b}\n$$' })).toEqual([
    { type: 'message', text: 'see @bob' },
    { type: 'latex', text: '\\frac{a}{b}' },
  ])
})

test('definitions of TeX stay with the formulas', async () => {
  const macros = '\\def\\R{r}'
  expect(await read({ type: 'markdown', text: '$$\\R$$', macros })).toEqual([
    { type: 'latex', text: macros },
    { type: 'latex', text: '\\R' },
  ])
})

test('pictures and tables in the cells of a table are not lost', async () => {
  const text =
    '| a | b |\n|---|---|\n| *x* | <img src="data:image/png;base64,AAAA"> |\n' +
    '| <table><tr><td>inside</td></tr></table> | y |'
  const html = await read({ type: 'markdown', text })
  expect(html).toMatchObject([
    {
      type: 'table',
      columns: ['a', 'b'],
      rows: [
        ['x', ''],
        ['inside', 'y'],
      ],
    },
    { text: expect.stringContaining('A picture of the HTML left out: unknown format') },
  ])
})
