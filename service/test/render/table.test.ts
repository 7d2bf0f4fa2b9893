import { expect, test } from '@jest/globals'
import { printPiece } from '../../render/pieces.ts'
import { tablePiece } from '../../render/table.ts'

const marks = (cells: string[]) => {
  const table = { columns: ['c'], rows: cells.map((cell) => [cell]) }
  return printPiece(tablePiece(table, true)).split('\n')[1]
}

test.each([
  [['1', '...', '2']],
  [['1.5', '…', '-2.0']],
  [['1', 'NaN', 'NaT', '<NA>', 'None', 'null', '', '-']],
  [['inf', '-inf', '1e300', '−5']],
  [['$1,200.50', '-$3.00', '€ 4'.replace(' ', '')]],
  [['5.0%', '12 %']],
])('a column of %j is aligned right', (cells) => {
  expect(marks(cells)).toBe('| --: |')
})

test.each([[['...']], [['1', 'two']], [['2024-01-01', '2024-01-02']], [['1.2.3']], [['']]])(
  'a column of %j is not',
  (cells) => {
    expect(marks(cells)).toBe('| --- |')
  },
)

test('what a table says of its columns counts more than what is in them', () => {
  const table = {
    columns: ['a', 'b', 'c'],
    rows: [['x', '1', 'y']],
    align: ['right', 'left', 'center'] as const,
  }
  expect(printPiece(tablePiece(table, true))).toContain('| --: | --- | :-: |')
  expect(printPiece(tablePiece({ ...table, rows: [['x', '1', 'yyy']] }, false))).toContain(
    'x  1  yyy',
  )
})

test('without pipe tables, numbers are aligned right by blanks', () => {
  const table = {
    columns: ['name', 'count'],
    rows: [
      ['a', '5'],
      ['b', '...'],
      ['c', '1200'],
    ],
  }
  expect(tablePiece(table, false)).toMatchObject({
    text: 'name  count\n----  -----\na         5\nb       ...\nc      1200',
  })
})
