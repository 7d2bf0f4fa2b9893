// The history in its file: across restarts, with other kernels, and when the file cannot be used.
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { historyPath, openHistory } from '../src/history/history-store.ts'
import type { History } from '../src/history/history-store.ts'
import { Client } from './helpers/client.ts'
import { spawnKernel } from './helpers/kernel.ts'

let folder: string
let path: string
const log: string[] = []
const opened: History[] = []

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'jupyterpost-history-'))
  path = join(folder, 'state', 'history.sqlite')
  log.length = 0
})

afterEach(() => {
  for (const history of opened.splice(0)) history.close()
  rmSync(folder, { recursive: true })
})

function open(): History {
  const history = openHistory(path, (line) => log.push(line))
  opened.push(history)
  return history
}

/** Acts like a kernel that ran these cells and ended. */
function session(...sources: string[]): void {
  const history = openHistory(path, (line) => log.push(line))
  for (const [i, source] of sources.entries()) history.add(i + 1, source)
  history.close()
}

const texts = (rows: Array<{ source: string }>): string[] => rows.map(({ source }) => source)

test('the next kernel finds what the ones before ran: tail, search, and by session', () => {
  session('a1', 'a2')
  session('b1')
  const history = open()
  history.add(1, 'c1')
  expect(texts(history.tail(3))).toEqual(['a2', 'b1', 'c1'])
  expect(texts(history.search('?1', undefined, false))).toEqual(['c1'])
  expect(texts(history.search('?1', 2, false))).toEqual(['b1', 'c1'])
  expect(texts(history.search('[ab]1', undefined, true))).toEqual(['a1', 'b1'])
  expect(texts(history.range(0, 0, undefined))).toEqual(['c1'])
  expect(texts(history.range(-1, 0, undefined))).toEqual(['b1'])
  expect(history.range(-2, 2, undefined)).toEqual([
    { session: 1, line: 2, source: 'a2', output: null },
  ])
  expect(texts(history.range(1, 0, 2))).toEqual(['a1'])
  expect(history.range(-9, 0, undefined)).toEqual([])
})

test('an output is kept with its line, also one that comes after the line was written; bounded', () => {
  const history = open()
  history.add(1, 'x')
  history.setOutput(1, '7')
  history.add(2, 'y')
  expect(history.tail(9).map(({ output }) => output)).toEqual(['7', null])
  history.setOutput(2, 'z'.repeat(1_000_000))
  expect(history.tail(1)[0]?.output).toHaveLength(10_000)
})

test('two kernels at once: each has its session, both see all that was written', () => {
  const [one, other] = [open(), open()]
  for (let line = 1; line <= 50; line++) {
    one.add(line, `one ${line}`)
    other.add(line, `other ${line}`)
  }
  expect(one.range(0, 0, undefined)).toHaveLength(50)
  expect(other.range(0, 0, undefined)).toHaveLength(50)
  expect(one.tail(1000)).toHaveLength(100)
  expect(log).toEqual([])
})

test('a file that another kernel holds keeps nobody waiting, and gets the lines later', () => {
  session('before')
  const history = open()
  const other = new DatabaseSync(path)
  other.exec('BEGIN IMMEDIATE')
  history.add(1, 'mine')
  expect(history.tail(9)).toEqual([])
  other.exec('COMMIT')
  other.close()
  expect(texts(history.tail(9))).toEqual(['before', 'mine'])
  expect(log).toEqual([])
})

test.each<[string, () => void]>([
  ['is no database', () => writeFileSync(path, 'garbage'.repeat(1000))],
  ['has no folder', () => rmSync(join(folder, 'state'), { recursive: true })],
])('a file that %s: one line in the log, and a history of this kernel alone', (_name, spoil) => {
  session('lost')
  spoil()
  if (!existsSync(path)) writeFileSync(join(folder, 'state'), 'a file')
  const history = open()
  history.add(1, 'a')
  history.add(2, 'b')
  expect(texts(history.tail(9))).toEqual(['a', 'b'])
  expect(log).toEqual([expect.stringContaining(path)])
})

test('rows and bytes are bounded: when a session finds a tenth too many, the oldest go', () => {
  session('first')
  const database = new DatabaseSync(path)
  database.exec(`
    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 110001)
    INSERT INTO history (session, line, source) SELECT 1, i, 'row ' || i FROM n`)
  expect(texts(open().tail(200_000)).slice(0, 1)).toEqual(['row 10002'])
  database.exec(`UPDATE history SET source = hex(zeroblob(40000000)) WHERE source = 'row 99999'`)
  database.close()
  expect(texts(open().tail(200_000)).at(0)?.slice(0, 10)).toBe('row 100000')
})

test('a restarted kernel answers with the cells of the one before; only its owner may read them', async () => {
  const env = { XDG_STATE_HOME: folder }
  const file = join(folder, 'jupyterpost', 'history.sqlite')
  for (const [code, expected] of [
    ['1 + 1', []],
    ['2 + 2', [[1, 1, ['1 + 1', '2']]]],
  ] as const) {
    const kernel = await spawnKernel({ env })
    const client = await new Client(kernel.connection).connect()
    try {
      const before = { hist_access_type: 'range', session: -1, output: true }
      expect((await client.ask('history_request', before)).reply.content['history']).toEqual(
        expected,
      )
      await client.execute(code)
      await client.ask('shutdown_request', {}, 'control')
      expect(await kernel.exited).toBe(0)
    } finally {
      client.close()
      await kernel.close()
    }
  }
  expect(statSync(file).mode & 0o777).toBe(0o600)
})

test('its place: $JUPYTERPOST_HISTORY, else the state folder; none of it is written for `none`', () => {
  expect(historyPath({ XDG_STATE_HOME: '/s' })).toBe('/s/jupyterpost/history.sqlite')
  expect(historyPath({ JUPYTERPOST_HISTORY: '/h.sqlite' })).toBe('/h.sqlite')
  path = historyPath({ JUPYTERPOST_HISTORY: 'none' })
  session('x')
  expect(existsSync(path)).toBe(false)
})
