// Nobody else on the machine can read or lock what a relay keeps, whatever the umask, nor see the
// environment that it was started with.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals'

import { HistoryFile } from '../../kernel/src/history/history-file.ts'
import { openHistory } from '../../kernel/src/history/history-store.ts'
import { tryLock } from '../../post/relay/lock.ts'
import { Spool } from '../../post/relay/spool.ts'
import { SCHEMA } from '../schema.ts'
import { Database } from '../storage/database.ts'
import { send, temporaryFolder, testRelay } from './helpers/relay.ts'

// Programs start slowly on a loaded machine.
jest.setTimeout(60_000)

const CLI = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url))
const POST = { targets: ['@me'], blocks: [], files: [] }

/** What others may do with anything below a folder, not counting the folder. */
function openToOthers(folder: string): string[] {
  return entries(folder).filter((path) => ((statOf(path)?.mode ?? 0) & 0o077) !== 0)
}

function entries(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) =>
    join(folder, name),
  )
}

/** Undefined if it has just been removed. */
function statOf(path: string) {
  return statSync(path, { throwIfNoEntry: false })
}

describe('under the umask 000', () => {
  const umask = process.umask()
  beforeAll(() => {
    process.umask(0)
  })
  afterAll(() => {
    process.umask(umask)
  })

  test("a database is its owner's alone, with its write-ahead log, and so is a lock", async () => {
    using folder = temporaryFolder()
    const path = join(folder.path, 'state', 'a.sqlite')
    const db = new Database(path, SCHEMA)
    expect(await db.problem()).toBeUndefined()
    const unlock = tryLock(`${path}.lock`)
    expect(readdirSync(join(folder.path, 'state')).toSorted()).toEqual([
      'a.sqlite',
      'a.sqlite-shm',
      'a.sqlite-wal',
      'a.sqlite.lock',
      'a.sqlite.lock-journal',
    ])
    expect(openToOthers(folder.path)).toEqual([])
    unlock?.()
    db.close()
  })

  test("a post that waits is its owner's alone, and so are the folders above it", async () => {
    using folder = temporaryFolder()
    const spool = new Spool(join(folder.path, 'home', '.local', 'state', 'jupyterpost'))
    await spool.add(POST, { relay: 'local', user: 'ada' }, 'away')
    expect(entries(folder.path)).toHaveLength(6)
    expect(openToOthers(folder.path)).toEqual([])
  })

  test("the history is its owner's alone", () => {
    using folder = temporaryFolder()
    const history = openHistory(join(folder.path, 'state', 'history.sqlite'), () => undefined)
    history.add(1, 'secret')
    history.close()
    expect(openToOthers(folder.path)).toEqual([])
  })
})

test('what others could read is mended, and said in a line', async () => {
  using folder = temporaryFolder()
  const state = join(folder.path, 'state', 'jupyterpost')
  mkdirSync(join(state, 'spool'), { recursive: true })
  chmodSync(state, 0o755)
  chmodSync(join(state, 'spool'), 0o755)
  const names = ['a.sqlite', 'a.sqlite-wal', 'a.sqlite.lock', 'history.sqlite']
  for (const name of names) writeFileSync(join(state, name), '', { mode: 0o644 })
  const lines: string[] = []
  const note = (line: string) => void lines.push(line)
  const db = new Database(join(state, 'a.sqlite'), SCHEMA, { note })
  tryLock(join(state, 'a.sqlite.lock'), note)?.()
  new HistoryFile(join(state, 'history.sqlite'), note).close()
  openHistory(join(state, 'history.sqlite'), note, state).tail(1)
  const said = jest.spyOn(process.stderr, 'write').mockReturnValue(true)
  await new Spool(state).add(POST, { relay: 'local', user: 'ada' }, 'away')
  expect(said.mock.calls.map(([line]) => line)).toEqual([
    `jupyterpost: ${join(state, 'spool')} could be used by others (mode 755): now only its owner can use it\n`,
  ])
  said.mockRestore()
  expect(lines.toSorted()).toEqual(
    [state, ...names.map((name) => join(state, name))].map(
      (path) =>
        `${path} could be used by others (mode ${path === state ? '755' : '644'}): now only its owner can use it`,
    ),
  )
  expect(openToOthers(join(folder.path, 'state'))).toEqual([])
  db.close()
})

test('a lock that this process has is not lost to a second look at its file', async () => {
  using folder = temporaryFolder()
  const path = join(folder.path, 'a.lock')
  const unlock = tryLock(path)
  expect(unlock).toBeDefined()
  expect(tryLock(path)).toBeUndefined()
  // Another process must find it locked too.
  const code = `import { tryLock } from ${JSON.stringify(new URL('../../post/relay/lock.ts', import.meta.url).href)}
process.exitCode = tryLock(${JSON.stringify(path)}) ? 1 : 0`
  const other = spawn(process.execPath, ['--input-type=module', '-e', code])
  expect(await once(other, 'exit')).toEqual([0, null])
  unlock?.()
})

describe('a relay of the command line', () => {
  test('keeps nothing that others can use, at no moment, under the umask 000', async () => {
    using folder = temporaryFolder()
    const env = { ...folder.env, JUPYTERPOST_TOKEN_OF_A_BOT: 'very-secret-token' }
    const relay = spawn(
      '/bin/sh',
      ['-c', 'umask 000; exec "$0" "$@"', process.execPath, CLI, 'relay'],
      { env, stdio: ['ignore', 'pipe', 'inherit'] },
    )
    try {
      let text = ''
      relay.stdout.setEncoding('utf8').on('data', (more: string) => (text += more))
      const look = () => {
        expect(openToOthers(folder.path)).toEqual([])
        return entries(folder.path).map((path) => path.slice(folder.path.length))
      }
      // Checked all the time: a file closed to others only after it was made would show.
      while (!text.includes('Relay: ')) {
        expect(relay.exitCode).toBeNull()
        look()
        await turn()
      }
      expect(look()).toEqual(
        expect.arrayContaining([
          '/runtime',
          '/runtime/relay.json',
          '/runtime/relay.lock',
          '/state/jupyterpost',
          '/state/jupyterpost/jupyterpost.sqlite',
          '/state/jupyterpost/jupyterpost.sqlite-wal',
          '/state/jupyterpost/jupyterpost.sqlite-shm',
          '/state/jupyterpost/jupyterpost.sqlite.lock',
        ]),
      )
      // The same process; it now runs without the environment that it was started with.
      const file: unknown = JSON.parse(
        readFileSync(join(folder.path, 'runtime/relay.json'), 'utf8'),
      )
      expect(file).toMatchObject({ pid: relay.pid })
      if (process.platform === 'linux') {
        const left = readFileSync(`/proc/${relay.pid}/environ`, 'utf8')
        expect(left).not.toContain('very-secret-token')
        expect(left).not.toContain('XDG_STATE_HOME')
      }
    } finally {
      const ended = once(relay, 'exit')
      relay.kill('SIGTERM')
      expect(await ended).toEqual([0, null])
    }
  })
})

test("what was delivered is its owner's alone, files too", async () => {
  using folder = temporaryFolder()
  await using relay = await testRelay(folder.env)
  const files = [new File(['x'.repeat(100_000)], 'a.txt')]
  const response = await send(
    relay,
    { targets: ['@me'], blocks: [{ type: 'file', file: 0 }] },
    { files },
  )
  expect(response.status).toBe(202)
  expect(openToOthers(folder.path)).toEqual([])
})
