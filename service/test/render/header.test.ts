import { expect, test } from '@jest/globals'
import { firstLine, formatDuration, laterLine } from '../../render/header.ts'

test('the first line names poster, notebook, cell and duration', () => {
  const source = { notebook: 'train.ipynb', executionCount: 12, durationMs: 192_400 }
  expect(firstLine({ who: 'alice', source })).toBe('**alice** · train.ipynb · In [12] · 3 min 12 s')
})

test.each([
  ['(via jupyterpost)', '**alice** · via jupyterpost'],
  ['', '**alice** · via jupyterpost'],
  ['(from the qt hub)', '**alice** (from the qt hub) · via jupyterpost'],
  ['(ask @all)', '**alice** (ask @\u200ball) · via jupyterpost'],
])('signature %j gives %j', (signature, line) => {
  expect(firstLine({ who: 'alice', source: {}, signature })).toBe(line)
})

test('a failed and an interrupted cell say so', () => {
  expect(firstLine({ who: 'a', source: { status: 'failed', durationMs: 5000 } })).toBe(
    '**a** · *failed* · 5 s',
  )
  expect(firstLine({ who: 'a', source: { status: 'interrupted' } })).toBe('**a** · *interrupted*')
  expect(firstLine({ who: 'a', source: { status: 'ok' } })).toBe('**a** · via jupyterpost')
})

test('names of posters and notebooks ping nobody and cannot break out of the line', () => {
  expect(firstLine({ who: '@all', source: { notebook: '# *x* _y_ my_run.ipynb\n@bob' } })).toBe(
    '**@\u200ball** · # \\*x\\* \\_y\\_ my_run.ipynb @\u200bbob',
  )
})

test('nothing in a name is turned round, hidden or on a line of its own', () => {
  const source = { notebook: 'a\u202eb\u200bc\u2028d\u0085e\0f.ipynb' }
  expect(firstLine({ who: 'al\u2066ice ', source })).toBe('**alice** · abc d ef.ipynb')
})

test('a further message names the poster, and says which one it is', () => {
  expect(laterLine('*@all*', '2/3')).toBe('**\\*@\u200ball\\*** · 2/3')
})

test.each([
  [0, ''],
  [999, ''],
  [1000, '1 s'],
  [59_999, '59 s'],
  [60_000, '1 min'],
  [192_000, '3 min 12 s'],
  [3_600_000, '1 h'],
  [3_660_000, '1 h 1 min'],
  [3_605_000, '1 h'],
  [90_000_000, '1 d 1 h'],
])('%i ms is %j', (ms, text) => {
  expect(formatDuration(ms)).toBe(text)
})
