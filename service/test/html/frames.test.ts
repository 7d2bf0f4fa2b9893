// Tables as data frames show them: recorded from pandas 3.1 and polars 2.1, and as a chat shows them.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import type { Block } from '../../../post/contract/schema.ts'
import { readHtml } from '../../html/content.ts'
import { renderPost } from '../../render/messages.ts'

function shown(name: string, max = 16_383): { text: string; files: string[] } {
  const html = readFileSync(join(import.meta.dirname, 'fixtures', `${name}.html`), 'utf8')
  return shownHtml(html, max)
}

function shownHtml(html: string, max = 16_383): { text: string; files: string[] } {
  const blocks = readHtml(html).flatMap((part): Block[] =>
    part.type === 'markdown' || part.type === 'table' || part.type === 'notice' ? [part] : [],
  )
  const chat = { tables: true, math: true, files: { perMessage: 10, bytes: 1e9 } }
  const { messages, whole } = renderPost(
    { who: 'alice', source: {}, blocks, files: [] },
    { ...chat, text: { max, unit: 'runes' } },
  )
  const [first, ...lines] = messages
    .map(({ text }) => text)
    .join('\n')
    .split('\n\n')
  expect(first).toContain('alice')
  return { text: lines.join('\n\n'), files: whole.map((file) => file.name) }
}

test('numbers of a truncated frame of pandas are aligned right, beside its row of dots', () => {
  expect(shown('pandas-long').text).toBe(
    [
      '|  | step | loss | note |',
      '| --: | --: | --: | --- |',
      '| 0 | 0 | 2.500 |  |',
      '| 1 | 1 | 1.250 |  |',
      '| ... | ... | ... | ... |',
      '| 98 | 98 | 0.025 |  |',
      '| 99 | 99 | 0.025 | end |',
      '',
      '100 rows × 3 columns',
    ].join('\n'),
  )
})

test('so are those beside its column of dots', () => {
  expect(shown('pandas-wide').text).toContain(
    '|  | 0 | 1 | ... | 8 | 9 |\n| --: | --: | --: | --- | --: | --: |\n',
  )
})

test('so are those below further rows of a head', () => {
  expect(shown('pandas-multi').text).toContain(
    '|  |  | u |  | v |  |\n| --- | --: | --: | --: | --: | --: |\n|  |  | p | q | p | q |\n',
  )
  expect(shown('polars-long').text).toContain(
    '| step | loss | note |\n| --: | --: | --- |\n| i64 | f64 | str |\n',
  )
})

test('a Styler keeps its caption and its alignment', () => {
  expect(shown('pandas-styler').text).toBe(
    [
      'Costs of *2024*',
      '',
      '|  | name | cost | rank |',
      '| --: | --- | --: | :-: |',
      '| 0 | a | 12 EUR | first |',
      '| 1 | b | 3 EUR | last |',
    ].join('\n'),
  )
})

test('a long Styler keeps them too, and the whole table is attached', () => {
  const row = '<tr><td>some words</td><td class="right">12 EUR</td></tr>'
  const html = `<style>.right { text-align: RIGHT !important }</style><table><caption>All costs</caption>
    <thead><tr><th>what</th><th>cost</th></tr></thead><tbody>${row.repeat(4000)}</tbody></table>`
  const { text, files } = shownHtml(html)
  expect(text).toMatch(
    /^All costs\n\n\| what \| cost \|\n\| --- \| --: \|\n\| some words \| 12 EUR \|\n/,
  )
  expect(text).toContain('\n| … | … |\n')
  expect(files).toEqual(['table.csv'])
})

test.each([
  ['<td align="center">', ':-:'],
  ['<td style="color: red; TEXT-ALIGN:right">', '--:'],
  ['<td style="text-align: url(x)">', '---'],
  ['<td align="__proto__">', '---'],
])('the cell %s decides on its column', (cell, mark) => {
  expect(shownHtml(`<table><tr><th>a</th></tr><tr>${cell}x</td></tr></table>`).text).toContain(
    `\n| ${mark} |\n`,
  )
})
