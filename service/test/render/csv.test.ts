import { expect, test } from '@jest/globals'
import { csvText } from '../../render/csv.ts'

const rowOf = (...cells: string[]) => csvText({ columns: [], rows: [cells] }).slice(1)

test('a spreadsheet reads it as UTF-8, with its names first and lines that end in CRLF', () => {
  expect(csvText({ columns: ['é', 'b'], rows: [['1', '2']] })).toBe('\ufeffé,b\r\n1,2\r\n')
  expect(csvText({ columns: ['', ''], rows: [['1', '2']] })).toBe('\ufeff1,2\r\n')
})

test.each([
  ['a,b', '"a,b"'],
  ['say "x"', '"say ""x"""'],
  ['two\nlines', '"two\nlines"'],
  ['plain; text', 'plain; text'],
])('%j is %j (RFC 4180)', (cell, written) => {
  expect(rowOf(cell, 'x')).toBe(`${written},x\r\n`)
})

test.each([
  ['=1+2', "'=1+2"],
  ['@SUM(A1)', "'@SUM(A1)"],
  ['+cmd|x', "'+cmd|x"],
  ['-2+3', "'-2+3"],
  ['\t=1', "'\t'=1"],
  ['＝1+2', "'＝1+2"],
  ['=A1,B1', `"'=A1,B1"`],
])('no spreadsheet runs %j as a formula', (cell, written) => {
  expect(rowOf(cell)).toBe(`${written}\r\n`)
})

test.each(['-5', '+3.5', '-1e-7', '-1,000', '-.5', '-12 %', 'a=b', '1-2'])(
  '%j stays as it is',
  (cell) => {
    expect(rowOf(cell).replaceAll('"', '')).toBe(`${cell}\r\n`)
  },
)

test.each([
  ['a;=1+2', "a;'=1+2"],
  ['a\n=HYPERLINK(B1)', `"a\n'=HYPERLINK(B1)"`],
  ['a\t@SUM(A1)', "a\t'@SUM(A1)"],
  ['1;-WEBSERVICE(A1)', "1;'-WEBSERVICE(A1)"],
])('no spreadsheet that separates cells by semicolons runs a part of %j', (cell, written) => {
  expect(rowOf(cell)).toBe(`${written}\r\n`)
})

test.each(['1;-2', 'to do:\n- milk\n- eggs', 'a; b=c'])('%j has nothing to run', (cell) => {
  expect(rowOf(cell).replaceAll('"', '')).toBe(`${cell}\r\n`)
})
