// What a cell has shown, as the notebook has it now.
import { beforeEach, expect, test } from '@jest/globals'
import type { CellOutputs } from '../../src/capture/outputs.ts'
import { Recorder } from '../../src/capture/recorder.ts'
import { BOUNDS } from '../../src/capture/recording.ts'
import { computing } from '../../../test/helpers/computing.ts'

let now = 1000
let recorder: Recorder
let cell: CellOutputs

beforeEach(() => {
  now = 1000
  recorder = new Recorder({ bounds: { text: 100, displays: 1000 }, now: () => now })
  cell = begin('a', 1)
})

function begin(cellId: string, executionCount: number, silent = false): CellOutputs {
  return recorder.begin({ cellId, executionCount, source: '1 + 1', silent })
}

function print(text: string, name: 'stdout' | 'stderr' = 'stdout'): void {
  recorder.record({ type: 'stream', cellId: 'a', name, text })
}

function show(text: string, id?: string): void {
  recorder.record({
    type: 'display_data',
    cellId: 'a',
    content: {
      data: { 'text/plain': text },
      metadata: {},
      ...(id === undefined ? {} : { transient: { display_id: id } }),
    },
  })
}

const seen = (of: CellOutputs = cell): string[] =>
  of.outputs.map((output) => {
    if (output.type === 'stream') return `${output.name} ${output.text}`
    return output.type === 'error'
      ? `error ${output.ename}`
      : `display ${String(output.data['text/plain'])}`
  })

const ok = { status: 'ok' as const }
const failed = {
  status: 'error' as const,
  interrupted: false,
  error: { ename: 'TypeError', evalue: 'x', traceback: [] },
}

test('outputs stay in order and pieces of one stream become one', () => {
  print('a')
  print('b\n')
  print('warn', 'stderr')
  show('picture')
  print('c')
  expect(seen()).toEqual(['stdout ab\n', 'stderr warn', 'display picture', 'stdout c'])
})

test('a cell has the definitions of the cells before it, and of updates', () => {
  recorder.record({
    type: 'display_data',
    cellId: 'gone',
    content: { data: { 'text/latex': '$\\def\\R{r}$' }, metadata: {} },
  })
  recorder.record({
    type: 'update_display_data',
    cellId: 'gone',
    content: { data: { 'text/markdown': ['$\\def', '\\Q{q}$'] }, metadata: {} },
  })
  expect(cell.macros?.usedBy('\\R\\Q')).toBe('\\def\\R{r}\\def\\Q{q}')
})

test('an update shows in the place of the first, in earlier cells too', () => {
  show('before', 'x')
  print('after')
  recorder.finish('a', ok)
  const second = begin('b', 2)
  const content = { data: { 'text/plain': 'now' }, metadata: {}, transient: { display_id: 'x' } }
  recorder.record({ type: 'update_display_data', cellId: 'b', content })
  expect(seen()).toEqual(['display now', 'stdout after'])
  expect(seen(second)).toEqual([])
})

test('clear_output empties at once, or with wait when the next output comes', () => {
  print('one')
  recorder.record({ type: 'clear_output', cellId: 'a', wait: true })
  expect(seen()).toEqual(['stdout one'])
  print('two')
  expect(seen()).toEqual(['stdout two'])
  recorder.record({ type: 'clear_output', cellId: 'a', wait: false })
  expect(seen()).toEqual([])
})

test('an ended cell knows its time, its status and its error', () => {
  expect(cell).toMatchObject({ status: 'running', endedAt: undefined, startedAt: 1000 })
  now = 4000
  recorder.finish('a', failed)
  recorder.finish('a', ok)
  expect(cell).toMatchObject({ status: 'failed', endedAt: 4000 })
  expect(seen()).toEqual(['error TypeError'])
})

test('previous is the last finished cell that was not silent', () => {
  expect(recorder.previous).toBeUndefined()
  recorder.finish('a', ok)
  begin('quiet', 1, true)
  recorder.finish('quiet', ok)
  begin('running', 2)
  expect(recorder.previous?.cellId).toBe('a')
})

test('of a flood the first and the last half stay, cut between characters, and what went is named', () => {
  for (let i = 0; i < 1000; i += 1) print(`é${String(i).padStart(3, '0')}\n`)
  recorder.finish('a', ok)
  const gap = '\n… 6 KB left out …\n'
  const text = seen().join('').replaceAll('stdout ', '')
  expect(Buffer.byteLength(text.replace(gap, ''))).toBeLessThanOrEqual(100)
  expect(text).toContain(gap)
  expect(text).toMatch(/^é000\n/)
  expect(text).toMatch(/é999\n$/)
  expect(text).not.toContain('\ufffd')
  expect(cell.leftOut).toEqual(['6 KB from the middle of the text'])
})

test('a display beyond the bound is named', () => {
  show('x'.repeat(900))
  show('y'.repeat(900))
  expect(cell.outputs).toHaveLength(1)
  expect(cell.leftOut).toEqual(['text/plain of 900 bytes: the cell showed too much'])
})

test('a cell has the notebook that its request tells', () => {
  const metadata = { cellId: 'vscode-notebook-cell:/home/ada/train.ipynb#W0' }
  const told = { cellId: 'v', executionCount: 2, source: '', silent: false, metadata }
  expect(recorder.begin(told).notebook).toBe('train.ipynb')
  expect(cell.notebook).toBeUndefined()
})

test('of 100 MB the head and the tail are kept, in little time and memory', async () => {
  const flooded = new Recorder()
  const seen = flooded.begin({ cellId: 'a', executionCount: 1, source: '', silent: false })
  const text = `${'x'.repeat(99)}\n`.repeat(10)
  const add = (line: string) =>
    flooded.record({ type: 'stream', cellId: 'a', name: 'stdout', text: line })
  const ms = await computing(() => {
    add('the start\n')
    for (let n = 0; n < 100_000; n++) add(text)
    add('the end\n')
  })
  const kept = seen.outputs.map((output) => ('text' in output ? output.text : '')).join('')
  expect(kept).toMatch(/^the start\nx/)
  expect(kept).toMatch(/x\nthe end\n$/)
  expect(kept.length).toBeLessThan(3 * BOUNDS.text)
  expect(ms).toBeLessThan(5000)
})
