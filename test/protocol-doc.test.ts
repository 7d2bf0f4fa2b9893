// docs/protocol.md claims nothing without a test: each test that it names exists, and each row of
// bad input has one.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'

const root = join(import.meta.dirname, '..')
const page = readFileSync(join(root, 'docs/protocol.md'), 'utf8')
const proof = /^\[[^\]]+\]\(\.\.\/([^)]+)\): (.+)$/
const rows = page
  .split('\n')
  .filter(
    (line) => line.startsWith('| ') && !/^\| (?:rule|rows|variable|`JUPYTERPOST|-)/.test(line),
  )
  .map((line) => line.split('|').map((cell) => cell.trim()))

test('every row names a test that exists', () => {
  expect(rows.length).toBeGreaterThan(60)
  const missing = rows.flatMap((cells) =>
    (cells.at(-2) ?? '').split('<br>').filter((named) => {
      const [, file, title] = proof.exec(named) ?? []
      if (file === undefined || title === undefined) return true
      return !readFileSync(join(root, file), 'utf8').includes(title)
    }),
  )
  expect(missing).toEqual([])
})

test('each of the 92 rows of bad input has a test with its number', () => {
  const source = ['bad-frames', 'bad-requests']
    .map((name) => readFileSync(join(root, `kernel/test/${name}.test.ts`), 'utf8'))
    .join('\n')
  const titled = Array.from(source.matchAll(/'rows? ((?:\d+, )*\d+)[,:]/g), ([, list = '']) => list)
  const numbers = new Set([
    ...titled.flatMap((list) => list.split(', ')),
    ...Array.from(source.matchAll(/^ {2}\[(?:\n {4})?(\d+),/gm), ([, number = '']) => number),
  ])
  const wanted = Array.from({ length: 92 }, (_, i) => String(i + 1))
  expect(wanted.filter((number) => !numbers.has(number))).toEqual([])
})
