// The relay as a program: what it says when it cannot start, and that it ends cleanly.
import { mkdirSync, readFileSync, statSync, writeFileSync, existsSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { expect, jest, test } from '@jest/globals'

import { RelayFile, thisMachine } from '../../post/relay/relay-file.ts'
import { listening, spawnProgram, temporaryFolder } from './helpers/relay.ts'
import type { Folder } from './helpers/relay.ts'

// Programs start slowly on a loaded machine.
jest.setTimeout(60_000)

async function failure(args: string[], folder: Folder, env: NodeJS.ProcessEnv = {}) {
  await using relay = spawnProgram('../../main', args, { ...folder.env, ...env })
  const code = await relay.exited
  return { code, stderr: relay.stderr() }
}

test('a taken port is one line that names it, and exit code 1', async () => {
  using folder = temporaryFolder()
  const other = createServer()
  const port = await listening(other)
  const { code, stderr } = await failure(['--listen', `127.0.0.1:${port}`], folder)
  other.close()
  expect(code).toBe(1)
  expect(stderr).toMatch(
    new RegExp(
      `^jupyterpost relay: listen EADDRINUSE[^\\n]*127\\.0\\.0\\.1:${port}[^\\n]*--listen[^\\n]*\\n$`,
    ),
  )
})

test('a database that is a folder, or no database, is one line and exit code 1', async () => {
  using folder = temporaryFolder()
  const file = join(folder.path, 'text.sqlite')
  writeFileSync(file, 'this is no database, whatever its name says '.repeat(100))
  for (const path of [folder.path, file]) {
    const { code, stderr } = await failure(['--database', path], folder)
    expect(code).toBe(1)
    expect(stderr).toMatch(/^jupyterpost relay: Cannot use the database [^\n]+\n$/)
    expect(stderr).toContain(path)
  }
})

test.each(['relay.json', 'relay.lock'])(
  'a %s that cannot be written ends the relay with one line that names it',
  async (name) => {
    using folder = temporaryFolder()
    const path = join(folder.path, 'runtime', name)
    mkdirSync(path, { recursive: true })
    const { code, stderr } = await failure([], folder)
    expect(code).toBe(1)
    expect(stderr).toMatch(/^jupyterpost relay: [^\n]+\n$/)
    expect(stderr).toContain(path)
  },
)

test.each([
  [['--mode', 'cloud'], {}, '--mode: expected local or hub, got "cloud"', 1],
  [['--port', '80'], {}, '--port: no such flag', 2],
  [['extra'], {}, 'Unexpected extra', 2],
  [[], { JUPYTERPOST_LISTEN: '0.0.0.0:80' }, 'listens at 127.0.0.1 only', 1],
  [[], { JUPYTERPOST_CONFIG: '/nowhere.json' }, 'JUPYTERPOST_CONFIG: cannot read /nowhere.json', 1],
  [[], { MATTERMOST_URL: 'http://mm' }, 'MATTERMOST_TEAM: expected', 1],
])('the arguments %j with %j end in one line', async (args, env, words, expected) => {
  using folder = temporaryFolder()
  const { code, stderr } = await failure(args, folder, env)
  expect(code).toBe(expected)
  expect(stderr).toContain(words)
  expect(stderr.trimEnd().split('\n')).toHaveLength(1)
})

test.each(['SIGINT', 'SIGTERM'] as const)(
  'a local relay announces itself to its owner alone, refuses a second one, and %s ends it cleanly',
  async (signal) => {
    using folder = temporaryFolder()
    mkdirSync(join(folder.path, 'runtime'))
    await using relay = spawnProgram('../../main', [], folder.env)
    await relay.line(/^Relay: http:\/\/127\.0\.0\.1:\d+\/$/)
    const path = join(folder.path, 'runtime', 'relay.json')
    const file = RelayFile.parse(JSON.parse(readFileSync(path, 'utf8')))
    expect(file).toMatchObject({ ...thisMachine(), pid: relay.process.pid })
    expect(statSync(path).mode & 0o777).toBe(0o600)
    const second = await failure([], folder)
    expect(second).toMatchObject({ code: 1, stderr: expect.stringContaining('is running') })
    relay.process.kill(signal)
    expect(await relay.exited).toBe(0)
    expect(existsSync(path)).toBe(false)
    expect(relay.stderr()).toBe('')
  },
)

test('SIGHUP is one line in the log and ends nothing, also when nobody reads the log any more', async () => {
  using folder = temporaryFolder()
  await using relay = spawnProgram('../../main', [], { ...folder.env, JUPYTERPOST_LOG: 'warn' })
  const line = await relay.line(/^Relay: http:\/\/127\.0\.0\.1:\d+\/$/)
  const health = new URL('health', line?.slice('Relay: '.length))
  const { stderr } = relay.process
  const told = new Promise((resolve) => stderr?.once('data', resolve))
  relay.process.kill('SIGHUP')
  await told
  expect(relay.stderr().trimEnd().split('\n')).toHaveLength(1)
  expect(relay.stderr()).toContain('there is no file of JUPYTERPOST_POLICY')
  stderr?.destroy()
  relay.process.kill('SIGHUP')
  expect((await fetch(health)).status).toBe(200)
  expect((await fetch(health)).status).toBe(200)
  relay.process.kill('SIGTERM')
  expect(await relay.exited).toBe(0)
})

test('a local relay that nobody uses ends by itself', async () => {
  using folder = temporaryFolder()
  await using relay = spawnProgram('../../main', [], {
    ...folder.env,
    JUPYTERPOST_IDLE_MINUTES: '0.005',
  })
  expect(await relay.exited).toBe(0)
  expect(existsSync(join(folder.path, 'runtime', 'relay.json'))).toBe(false)
})
