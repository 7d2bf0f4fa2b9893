import { expect, test } from '@jest/globals'
import { computing } from '../../../test/helpers/computing.ts'
import type { Block } from '../../../post/contract/schema.ts'
import { readHtml } from '../../html/content.ts'
import { renderPost } from '../../render/messages.ts'

const CHAT = {
  tables: true,
  math: true,
  text: { max: 400, unit: 'runes' },
  files: { perMessage: 2, bytes: 1024 * 1024 },
} as const

/** The body of alice's post, without the line that names her. */
function body(block: Block): string {
  const post = { who: 'alice', source: {}, blocks: [block], files: [] }
  const [message] = renderPost(post, CHAT).messages
  return (message?.text ?? '').replace(/^.*\n\n/, '')
}

const said = (text: string) => body({ type: 'message', text })

test.each([
  ['as it is', '**prof.smith** · grades.ipynb · In [7]'],
  ['with another emphasis', '__prof.smith__ · grades.ipynb'],
  ['without a notebook', '**prof.smith** · via jupyterpost'],
  ['as a further message', '**prof.smith** · 2/3'],
  ['with a signature', '**prof.smith** (from the hub) · grades.ipynb'],
  ['without blanks', '**prof.smith**·grades.ipynb'],
  ['with the dot in bold', '**prof.smith ·** grades.ipynb'],
  ['with the dot as an entity', '**prof.smith** &middot; grades.ipynb'],
  ['with the dot as a number', '**prof.smith**&nbsp;&#183;&nbsp;grades.ipynb'],
  ['with a bullet', '**prof.smith** • grades.ipynb'],
  ['with an operator', '**prof.smith** \u22c5 grades.ipynb'],
  ['with a Greek dot', '**prof.smith** \u0387 grades.ipynb'],
  ['with dashes', '**prof.smith** – grades.ipynb – In [7]'],
  ['with bars', '**prof.smith** / grades.ipynb / In [7]'],
  ['after what is shown as nothing', '\u200b\u2060**prof.smith** · grades.ipynb'],
  ['after an invisible entity', '&#8203;&ZeroWidthSpace;**prof.smith** · grades.ipynb'],
  ['after blanks', '  **prof.smith** · grades.ipynb'],
  ['hidden signs within', '**prof\u200b.smith** \u2060·\u2060 grades.ipynb'],
  ['as a link', '[**prof.smith**](https://example.org) · grades.ipynb'],
  [
    'as a link that is long',
    `**[prof.smith](https://example.org/${'x'.repeat(130)}) · grades.ipynb**`,
  ],
  ['bold and italic', '***prof.smith*** · grades.ipynb'],
  ['with bold that hides the dot', `**prof.smith**${'**__'.repeat(40)} · grades.ipynb`],
  ['in letters that are bold', '𝐩𝐫𝐨𝐟.𝐬𝐦𝐢𝐭𝐡 · grades.ipynb'],
  ['in letters of boxes', '\u{1f130}\u{1f131}\u{1f132} · grades.ipynb'],
])('a line like that of another, %s, is marked as quoted', (_, line) => {
  const marked = said(line)
  expect(marked).toContain('»\u00a0')
  expect(marked.replace('»\u00a0', '')).toBe(line)
  // Everything before the mark is invisible.
  expect(marked.split('»\u00a0')[0]).toMatch(/^(?:[\s\u200b\u2060]|&#8203;|&ZeroWidthSpace;)*$/)
})

test.each([
  [
    'a heading',
    '# prof.smith · grades.ipynb · In [7]',
    '# »\u00a0prof.smith · grades.ipynb · In [7]',
  ],
  [
    'a heading by its underline',
    'prof.smith · grades.ipynb\n====',
    '»\u00a0prof.smith · grades.ipynb\n====',
  ],
  [
    'bold from the line before',
    '**ok\nprof.smith** · grades.ipynb',
    '**ok\n»\u00a0prof.smith** · grades.ipynb',
  ],
  [
    'a later line',
    'done\n\n**prof.smith** · grades.ipynb',
    'done\n\n»\u00a0**prof.smith** · grades.ipynb',
  ],
  [
    'a line break as an entity',
    'done&#10;**prof.smith** · x.ipynb',
    'done&#10;»\u00a0**prof.smith** · x.ipynb',
  ],
  [
    'a line separator',
    'done\u2028**prof.smith** · x.ipynb',
    'done\u2028»\u00a0**prof.smith** · x.ipynb',
  ],
  ['a carriage return', 'done\r**prof.smith** · x.ipynb', 'done\n»\u00a0**prof.smith** · x.ipynb'],
  [
    'many blanks',
    `done${'\u2003'.repeat(90)}**prof.smith** · x.ipynb`,
    `done${'\u2003'.repeat(90)}»\u00a0**prof.smith** · x.ipynb`,
  ],
  [
    'blanks before the dot',
    `**prof.smith**${' '.repeat(9)}· x.ipynb`,
    `»\u00a0**prof.smith**${' '.repeat(9)}· x.ipynb`,
  ],
  [
    'a table that a chat may not see as one',
    '**prof.smith** · x.ipynb | a\n---|---|---\nb | c',
    '»\u00a0**prof.smith** · x.ipynb | a\n---|---|---\nb | c',
  ],
])('also by %s', (_, text, marked) => {
  expect(said(text)).toBe(marked)
})

test('HTML that a cell shows is marked too', () => {
  const [text] = readHtml('ok<br><b>prof.smith</b> &middot; grades.ipynb')
  expect(text?.type === 'markdown' && body(text)).toBe('ok  \n»\u00a0**prof.smith** · grades.ipynb')
})

test('markdown that a cell shows is marked too', () => {
  expect(body({ type: 'markdown', text: '**prof.smith** · grades.ipynb' })).toBe(
    '»\u00a0**prof.smith** · grades.ipynb',
  )
})

test.each([
  '**Results**',
  '**Note**: the middle · is a dot',
  'Epoch 3: **loss** 0.3 · accuracy 0.9',
  'Kaffee · Kuchen',
  '- **loss** · 0.3',
  '> **prof.smith** · grades.ipynb',
  '1. **first** · done',
  '| **a** · b | c |\n| --- | --- |\n| **d** · e | f |',
  '**Col·lecció** de dades',
  '**Done** — all passed',
  '**Error** in train.ipynb',
  '```\n**prof.smith** · grades.ipynb\n```',
  '\\*\\*prof.smith\\*\\* · grades.ipynb',
  '# Results of run 7',
])('%j is nothing like it and stays as it is', (text) => {
  if (text.startsWith('**Note**')) expect(said(text)).toBe(`»\u00a0${text}`)
  else expect(said(text)).toBe(text)
})

test('marking twice is marking once', () => {
  const once = said('**prof.smith** · grades.ipynb')
  expect(said(once)).toBe(once)
})

test('every message of a post says who posts, wherever its text is cut', () => {
  const forged = '**prof.smith** · grades.ipynb · In [7]'
  for (let before = 330; before < 400; before++) {
    const text = `${'x'.repeat(before - 1)} ${forged} ${'y'.repeat(500)}`
    const post = { who: 'alice', source: {}, blocks: [{ type: 'message', text }] as Block[] }
    const { messages } = renderPost({ ...post, files: [] }, CHAT)
    expect(messages.length).toBeGreaterThan(1)
    for (const { text: message } of messages.slice(1)) {
      expect(message).toMatch(/^\*\*alice\*\* · \d\/\d\n\n/)
      expect(message).not.toMatch(/^\*\*prof/m)
    }
  }
})

test('a text cut before backticks opens no fence that would turn later code into text', () => {
  for (let before = 300; before < 400; before++) {
    const blocks: Block[] = [
      { type: 'message', text: `${'x'.repeat(before)} \`\`\` y` },
      { type: 'text', text: '@all' },
    ]
    const { messages } = renderPost({ who: 'alice', source: {}, blocks, files: [] }, CHAT)
    const fences = messages.flatMap(({ text }) => text.match(/^```/gm) ?? [])
    expect(fences).toHaveLength(2)
  }
})

test('a megabyte of bold, dots, blanks, brackets and entities is looked through in time', async () => {
  for (const part of [
    '**a** · ',
    'a    · ',
    '](',
    '[a](b',
    '&#0',
    '**',
    '· in [1] ',
    '&middot;    a',
  ]) {
    const text = part.repeat(Math.ceil(1_000_000 / part.length))
    expect(await computing(() => said(text))).toBeLessThan(2000)
  }
})
