// A bot's token that is replaced in its file: the relay goes on with the new one, without a
// restart.
import { renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { userInfo } from 'node:os'
import { afterEach, beforeEach, expect, test } from '@jest/globals'

import { until } from '../../../test/helpers/until.ts'
import { TokenFile } from '../../chat/token-file.ts'
import { MattermostServer } from '../helpers/mattermost.ts'
import { spawnProgram, temporaryFolder } from '../helpers/relay.ts'
import type { Folder } from '../helpers/relay.ts'

let folder: Folder
let path: string

beforeEach(() => {
  folder = temporaryFolder()
  path = join(folder.path, 'token')
})

afterEach(() => folder[Symbol.dispose]())

/** In one step, as Kubernetes does. */
function replace(text: string): void {
  writeFileSync(`${path}.new`, text)
  renameSync(`${path}.new`, path)
}

function open(text: string) {
  writeFileSync(path, text)
  const notes: string[] = []
  const clock = { ms: 0 }
  const note = (words: string) => void notes.push(words)
  const file = new TokenFile({ path, token: text.trim(), note, monotonic: () => clock.ms })
  return { file, notes, clock }
}

test('a new token counts from the next second on, and the log says so without it', () => {
  const { file, notes, clock } = open('first\n')
  replace('second\n')
  expect(file.current()).toBe('first')
  clock.ms = 1000
  expect(file.current()).toBe('second')
  expect(notes).toEqual([`the bot has a new token, from ${path}`])
  clock.ms = 2000
  expect(file.current()).toBe('second')
  expect(notes).toHaveLength(1)
})

test('a file that is written in place is read again', () => {
  const { file, clock } = open('first\n')
  writeFileSync(path, 'second-and-longer\n')
  clock.ms = 1000
  expect(file.current()).toBe('second-and-longer')
})

test.each([
  ['gone', () => rmSync(path), 'cannot be read (ENOENT), so the last token stays'],
  ['empty', () => replace(''), 'has no token any more, so the last one stays'],
  ['two lines', () => replace('a\nb'), 'has no token any more, so the last one stays'],
])('a file that is %s changes nothing, and is told once', (_, harm, words) => {
  const { file, notes, clock } = open('first\n')
  harm()
  for (clock.ms = 1000; clock.ms < 5000; clock.ms += 1000) expect(file.current()).toBe('first')
  expect(notes).toEqual([expect.stringContaining(words)])
  expect(() => file.read()).toThrow(words)
  replace('second')
  clock.ms = 9000
  expect(file.current()).toBe('second')
})

test('a relay delivers with the new token once the old one is revoked, and SIGHUP reads it at once', async () => {
  const server = await MattermostServer.start()
  await using _ = { [Symbol.asyncDispose]: () => server.close() }
  server.addUser(userInfo().username)
  writeFileSync(path, `${server.token}\n`)
  await using relay = spawnProgram('../../main', ['--mode', 'local'], {
    ...folder.env,
    JUPYTERPOST_LOG: 'warn',
    MATTERMOST_URL: server.url,
    MATTERMOST_TEAM: server.team,
    MATTERMOST_TOKEN_FILE: path,
  })
  await relay.line(/^Relay: /)
  await server.websocket.until(() => server.websocket.open === 1)
  const next = server.addBot('jupyterpost-next')
  replace(next.token)
  relay.process.kill('SIGHUP')
  const saw = relay.stderr
  await until(() => saw().includes('the bot has a new token'), 'it is read', { saw })
  server.websocket.cut()
  const tokens = () => server.websocket.upgrades.map(({ headers }) => headers.authorization)
  await until(() => tokens().at(-1) === `Bearer ${next.token}`, 'it is used', { saw: tokens })
  expect(saw()).not.toContain(next.token)
  expect(saw()).not.toContain(server.token)
})
