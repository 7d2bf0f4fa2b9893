// What becomes of a check of types that fails, a mistake of ours, which no cell must feel; and of
// one that takes long because the checker starts.
import { setTimeout as delay } from 'node:timers/promises'
import { expect, test } from '@jest/globals'
import { Recorder } from '../../src/capture/recorder.ts'
import type { Cell } from '../../src/cells/cells.ts'
import { CellTypes } from '../../src/cells/types.ts'
import { executeRequest } from '../../src/protocol/content.ts'

function cellOf(code: string): Cell {
  const header = { msg_id: 'm', msg_type: 'execute_request' }
  return {
    id: 'c',
    request: {
      identities: [],
      header,
      headerJson: JSON.stringify(header),
      parentId: '',
      metadata: {},
      content: {},
      buffers: [],
    },
    content: executeRequest({ code }),
    executionCount: 1,
    outputs: new Recorder().begin({
      cellId: 'c',
      executionCount: 1,
      source: code,
      metadata: {},
      silent: false,
    }),
    interrupt: new AbortController(),
    payload: [],
  }
}

test.each(['warn', 'error'] as const)(
  'a check that fails is one line of the log, without text of the cell: %s',
  async (mode) => {
    const lines: string[] = []
    const said: string[] = []
    const types = new CellTypes({
      setting: { mode, isAvailable: true },
      folder: '/',
      env: {},
      runtime: { complete: () => Promise.resolve({ matches: [], start: 0, end: 0 }) },
      language: {
        start: () => undefined,
        check: (code) => Promise.reject(new RangeError(`broken over ${code}`)),
      },
      iopub: { stream: (_name, text) => void said.push(text), flush: () => undefined },
      log: (line) => void lines.push(line),
    })
    const cell = cellOf('const secret = 1')
    expect(await types.refusal(cell, 'const secret = 1')).toBe(undefined)
    types.begin(cell, 'const secret = 1')
    await types.show(cell)
    expect(lines).toEqual([
      expect.stringMatching(/^the types of a cell could not be checked: RangeError at .*:\d+/),
    ])
    expect(lines.join()).not.toContain('secret')
    expect(said).toEqual(
      mode === 'error' ? ['The types of this cell could not be checked: it runs.\n'] : [],
    )
  },
)

test('the first cells wait for a checker that starts slowly, and their errors go out at once', async () => {
  const events: string[] = []
  // Longer than later cells may wait.
  const found = [{ code: 2322, message: 'wrong', line: 1, column: 0 }]
  const types = new CellTypes({
    setting: { mode: 'warn', isAvailable: true },
    folder: '/',
    env: {},
    runtime: { complete: () => Promise.resolve({ matches: [], start: 0, end: 0 }) },
    language: { start: () => undefined, check: () => delay(1500, found) },
    iopub: { stream: () => void events.push('stream'), flush: () => void events.push('flush') },
    log: (line) => void events.push(line),
  })
  const cell = cellOf('const n: number = true')
  types.begin(cell, cell.content.code)
  await types.show(cell)
  expect(events).toEqual(['stream', 'flush'])
})
