// JSX and types over the wire: right elements give no error, wrong props do, and the names of a
// cell with elements are known to later ones.
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { stripVTControlCharacters } from 'node:util'
import type { Client } from '../helpers/client.ts'
import { closeAll, start } from '../helpers/started.ts'
import { TYPES, complete, executeChecked, settled, untilTyped } from '../helpers/typing.ts'

let client: Client

beforeAll(async () => {
  const kernel = await start({ env: TYPES })
  client = kernel.client
  await untilTyped(client)
})

afterAll(closeAll)

/** Error numbers below a cell that ran. */
async function found(code: string): Promise<string[]> {
  const { iopub, reply } = await executeChecked(client, code)
  expect([code, reply.content['evalue']]).toEqual([code, undefined])
  const text = iopub
    .filter(({ content }) => content['name'] === 'stderr')
    .map(({ content }) => String(content['text']))
    .join('')
  return [...stripVTControlCharacters(text).matchAll(/^error (TS\d+: .*)/gm)].map(
    ([, error = '']) => error,
  )
}

const RIGHT: ReadonlyArray<readonly [name: string, cells: string[]]> = [
  ['an element', ['<p>Hello</p>']],
  ['an element with attributes', ['<a href="x" class="c" style="color: red" data-x={1}>a{1}b</a>']],
  ['a fragment', ['<><b>1</b>{[1, 2].map((n) => <i key={n}>{n}</i>)}</>']],
  [
    'an element in a line after one without semicolon',
    ['const x1 = 1\n<p>{x1}</p>', 'x1.toFixed()'],
  ],
  ['two of them', ['const x2 = 1\n<p/>\nconst y2 = 2\n<b>{x2 + y2}</b>', 'x2 + y2']],
  [
    'a component of an earlier cell',
    [
      'const Card = ({ title, children }: { title: string; children?: unknown }) => <div><h1>{title}</h1>{children}</div>',
      '<Card title="a">b</Card>',
      'const card = <Card title="a" />\ncard',
      'card',
    ],
  ],
  [
    'a function component, with and without children',
    [
      'function Item(props: { n: number }) { return <li>{props.n}</li> }',
      '<ul><Item n={1} /><Item n={2} /></ul>',
    ],
  ],
  ['an array, null and a promise as children', ['<p>{null}{undefined}{true}{["a", <b>c</b>]}</p>']],
  ['an svg', ['<svg viewBox="0 0 1 1" width={10}><path d="M0 0" stroke-width={2} /></svg>']],
]

test.each(RIGHT)('right: %s', async (_name, cells) => {
  for (const cell of cells) expect([cell, await found(cell)]).toEqual([cell, []])
})

const WRONG: ReadonlyArray<readonly [name: string, cells: string[], codes: string[]]> = [
  [
    'a prop of another type',
    ['const W1 = (p: { n: number }) => <p>{p.n}</p>', '<W1 n="a" />'],
    ["TS2322: Type 'string' is not assignable to type 'number'."],
  ],
  [
    'an error behind an element',
    ['const w2 = 1\n<p/>\nconst n2: number = "a"'],
    ["TS2322: Type 'string' is not assignable to type 'number'."],
  ],
]

test.each(WRONG)('wrong: %s', async (_name, cells, expected) => {
  for (const cell of cells.slice(0, -1)) expect(await found(cell)).toEqual([])
  expect(await found(cells.at(-1) ?? '')).toEqual(expected)
})

test('the names of cells with elements stay typed once they are folded', async () => {
  await client.execute(
    'const folded = { element: <p/>, n: 1 }\nconst Folded = (p: { word: string }) => <b>{p.word}</b>',
  )
  for (let cell = 0; cell < 20; cell++) await client.execute(`const fill${cell} = ${cell}`)
  expect(await found('folded.n.toFixed(); folded.element')).toEqual([])
  expect(await found('<Folded word="a" />')).toEqual([])
  for (const typed of ['<Folded ¦', 'const later = <Folded wo¦']) {
    const offered = await settled(
      () => complete(client, typed),
      ({ texts }) => texts.includes('word'),
    )
    expect(offered.texts).toContain('word')
  }
  expect((await found('<Folded word={1} />')).length).toBe(1)
})
