import { expect, test } from '@jest/globals'
import type { Block } from '../../../post/contract/schema.ts'
import { blockPieces } from '../../render/markdown.ts'
import { printPiece } from '../../render/pieces.ts'

const Z = '\u200b'
const FILES = [{ name: 'plot_@all.png', mimetype: 'image/png', bytes: new Uint8Array(3) }]

function print(block: Block, dialect = { tables: true, math: true }): string {
  return blockPieces(block, FILES, dialect, true).map(printPiece).join('\n\n')
}

const table = (columns: string[], rows: string[][]): Block => ({ type: 'table', columns, rows })

test.each<[string, Block, string]>([
  ['a message as typed', { type: 'message', text: '# hi *you* @bob' }, '# hi *you* @bob'],
  ['no broadcast in a message', { type: 'message', text: 'x @here' }, `x @${Z}here`],
  ['no NUL and no CRLF', { type: 'message', text: 'a\0b\r\nc' }, 'ab\nc'],
  ['text in a fence', { type: 'text', text: 'a\nb\n' }, '```\na\nb\n```'],
  ['nothing for empty text', { type: 'text', text: '\n' }, ''],
  [
    'a fence longer than any inside',
    { type: 'text', text: 'x ```` y @all' },
    '`````\nx ```` y @all\n`````',
  ],
  ['stderr by name', { type: 'text', text: 'e', stream: 'stderr' }, '*stderr*\n\n```\ne\n```'],
  [
    'code with its language',
    { type: 'code', text: 'let a = 1', language: 'typescript' },
    '```typescript\nlet a = 1\n```',
  ],
  [
    'a language that tries to be more',
    { type: 'code', text: 'a', language: 'x\n```\n@all' },
    '```xall\na\n```',
  ],
  ['latex in a latex fence', { type: 'latex', text: '$$ x^2 $$' }, '```latex\nx^2\n```'],
  ['latex without dollars', { type: 'latex', text: 'x^2' }, '```latex\nx^2\n```'],
  [
    'several formulas stay as they are',
    { type: 'latex', text: '$a$ b $c$' },
    '```latex\n$a$ b $c$\n```',
  ],
  [
    'a table with its cells escaped',
    table(
      ['a|b', 'n'],
      [
        ['*x*\ny', '1'],
        ['@bob', '-2.5'],
      ],
    ),
    `| a\\|b | n |\n| --- | --: |\n| \\*x\\* y | 1 |\n| @${Z}bob | -2.5 |`,
  ],
  [
    'addresses in a table stay links',
    table(['u'], [['https://x.org/a_b_*c?d=1|2']]),
    '| u |\n| --- |\n| https://x.org/a_b_*c?d=1\\|2 |',
  ],
  [
    'rows of different length',
    table(['a'], [['1', '2'], []]),
    '| a |  |\n| --: | --: |\n| 1 | 2 |\n|  |  |',
  ],
  [
    'output markdown without pings',
    { type: 'markdown', text: '**@all** bob@x.org\n```\n@code\n```' },
    `**@${Z}all** bob@x.org\n\n\`\`\`\n@code\n\`\`\``,
  ],
  [
    'a tilde fence as a backtick fence',
    { type: 'markdown', text: '~~~py\n```\n@x\n~~~\n@y' },
    `\`\`\`\`py\n\`\`\`\n@x\n\`\`\`\`\n\n@${Z}y`,
  ],
  ['an unclosed fence is closed', { type: 'markdown', text: '```js\na' }, '```js\na\n```'],
  [
    'remote images become links',
    { type: 'markdown', text: '![cat](https://x.org/c.png "t") ![](http://y/z.png) ![r][ref]' },
    '[cat](https://x.org/c.png) [http://y/z.png](http://y/z.png) [r][ref]',
  ],
  [
    'other images their caption',
    { type: 'markdown', text: '![a](data:image/png;base64,AA==)' },
    '*a*',
  ],
  [
    'an error with its frames, the title once',
    { type: 'error', name: 'TypeError', message: 'no', traceback: 'TypeError: no\n  at In [1]:2' },
    '```\nTypeError: no\n  at In [1]:2\n```',
  ],
  [
    'an error without frames',
    { type: 'error', name: 'E', message: '', traceback: '' },
    '```\nE\n```',
  ],
  [
    'an error whose frames lack the title',
    { type: 'error', name: 'E', message: 'm', traceback: 'In [1]:1' },
    '```\nE: m\nIn [1]:1\n```',
  ],
  ['a notice', { type: 'notice', text: 'no *output* @all' }, `*no \\*output\\* @${Z}all*`],
  ['the name of an image', { type: 'image', file: 0 }, `*plot\\_@${Z}all.png*`],
  [
    'the text of HTML that nobody has read',
    { type: 'html', html: '<svg><text>x</text></svg>', text: 'plain' },
    '```\nplain\n```',
  ],
])('%s', (_, block, markdown) => {
  expect(print(block)).toBe(markdown)
})

test('without math a formula is plain code, without tables a table is aligned text', () => {
  const plain = { tables: false, math: false }
  expect(print({ type: 'latex', text: '$x$' }, plain)).toBe('```\nx\n```')
  expect(print(table(['name', 'n'], [['é', '1']]), plain)).toBe(
    '```\nname  n\n----  -\né     1\n```',
  )
})
