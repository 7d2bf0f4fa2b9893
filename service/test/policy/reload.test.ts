// A policy that changes while the relay runs: by SIGHUP to a real process and by
// `jupyterpost relay reload`, which is for the relay's own user only.
import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, jest, test } from '@jest/globals'
import { z } from 'zod'

import { until } from '../../../test/helpers/until.ts'
import { tryLock } from '../../../post/relay/lock.ts'
import { holderOf, nameHolder } from '../../lock-holder.ts'
import { GRANT, startHub } from '../helpers/hub.ts'
import { governed, posted } from '../helpers/governed.ts'
import { authorized, message, send, spawnProgram, temporaryFolder } from '../helpers/relay.ts'
import type { Folder } from '../helpers/relay.ts'

const DENY = { rules: [{ who: ['*'], deny: ['@me'] }] }

async function hubRelay(folder: Folder, apiUrl: string) {
  const policy = join(folder.path, 'policy.json')
  const env = {
    ...folder.env,
    JUPYTERHUB_SERVICE_NAME: 'jupyterpost',
    JUPYTERHUB_SERVICE_URL: 'http://127.0.0.1:0',
    JUPYTERHUB_API_URL: apiUrl,
    JUPYTERPOST_DATABASE: join(folder.path, 'relay.sqlite'),
    JUPYTERPOST_POLICY: policy,
    JUPYTERPOST_LOG: 'warn',
  }
  writeFileSync(policy, '{}')
  const relay = spawnProgram('../../main', [], env)
  const url = (await relay.line(/^Relay: /))?.replace('Relay: ', '') ?? relay.stderr()
  const seen = (words: string, times = 1) =>
    until(() => relay.stderr().split(words).length > times, words, { saw: relay.stderr })
  const rule = (rules: object | string) => {
    // In one step, as editors write.
    writeFileSync(`${policy}.new`, typeof rules === 'string' ? rules : JSON.stringify(rules))
    renameSync(`${policy}.new`, policy)
  }
  return { relay, env, seen, rule, at: { url, token: 't-ada' } }
}

function reload(env: NodeJS.ProcessEnv, ...args: string[]) {
  return spawnProgram('../../../cli/main', ['relay', 'reload', ...args], env)
}

const Ready = z.object({
  parts: z.array(z.object({ name: z.string(), ready: z.boolean(), detail: z.string() })),
})

test('SIGHUP has a process read its policy again; a wrong one leaves the old one in force, and says so', async () => {
  await using hub = await startHub()
  using folder = temporaryFolder()
  hub.users.set('t-ada', { name: 'ada', scopes: [GRANT], admin: true })
  const { relay, seen, rule, at } = await hubRelay(folder, hub.apiUrl)
  await using _ = relay
  const post = async () => posted(await send(at, message('x', '@me')))
  expect((await post()).id).toBeDefined()
  rule(DENY)
  expect((await post()).id).toBeDefined()
  relay.process.kill('SIGHUP')
  await seen('reloaded: the policy of')
  expect(await post()).toMatchObject({ code: 'not_allowed' })
  rule('{"rules": [{"who": ["*"], "deny": "@me"}]}')
  relay.process.kill('SIGHUP')
  await seen('not reloaded')
  expect(relay.stderr()).toContain('rules.0.deny: expected array, received string')
  expect(await post()).toMatchObject({ code: 'not_allowed' })
  const { parts } = Ready.parse(
    await (await fetch(new URL('ready', at.url), { headers: authorized(at.token) })).json(),
  )
  expect(parts.find(({ name }) => name === 'policy')).toMatchObject({
    ready: false,
    detail: expect.stringContaining('The policy from before stays in force'),
  })
})

test('jupyterpost relay reload signals the process that holds the database, by any path to it', async () => {
  await using hub = await startHub()
  using folder = temporaryFolder()
  const { relay, env, seen } = await hubRelay(folder, hub.apiUrl)
  await using _ = relay
  await using first = reload(env)
  expect([await first.exited, first.stderr()]).toEqual([0, ''])
  await seen('reloaded: the policy of')
  const { JUPYTERPOST_DATABASE: _database, ...rest } = env
  await using second = reload(
    rest,
    '--database',
    `${folder.path}/../${folder.path.split('/').at(-1)}/relay.sqlite`,
  )
  expect([await second.exited, second.stderr()]).toEqual([0, ''])
  await seen('reloaded: the policy of', 2)
  relay.process.kill('SIGTERM')
  expect(await relay.exited).toBe(0)
  await using none = reload(env)
  expect([await none.exited, none.stderr()]).toEqual([
    1,
    expect.stringContaining('No relay runs that holds'),
  ])
})

test.each([
  [
    'of a relay that was killed',
    (path: string, pid: number) => writeFileSync(path, machine(path, { pid })),
  ],
  [
    'of another host',
    (path: string, pid: number) => writeFileSync(path, machine(path, { pid, host: 'elsewhere' })),
  ],
])('jupyterpost relay reload signals nobody by a file %s', async (what, forge) => {
  using folder = temporaryFolder()
  await using hub = await startHub()
  const { relay, env } = await hubRelay(folder, hub.apiUrl)
  const file = join(folder.path, 'relay.sqlite.lock.json')
  const isKilled = what.includes('killed')
  if (isKilled) await relay[Symbol.asyncDispose]()
  forge(file, process.pid)
  await using told = reload(env)
  expect([await told.exited, told.stderr()]).toEqual([
    1,
    expect.stringContaining(isKilled ? 'No relay runs' : 'runs on elsewhere'),
  ])
  await relay[Symbol.asyncDispose]()
})

function machine(path: string, changes: object): string {
  const holder: unknown = JSON.parse(readFileSync(path, 'utf8'))
  return JSON.stringify({ ...z.object({}).loose().parse(holder), ...changes })
}

test('a process is found for the user who runs it only, not even for root', () => {
  using folder = temporaryFolder()
  const lock = join(folder.path, 'relay.sqlite.lock')
  const unlock = tryLock(lock)
  const forget = nameHolder(lock)
  const own = process.getuid?.() ?? 0
  const user = jest.spyOn(process, 'getuid').mockReturnValue(own + 1)
  expect(() => holderOf(lock)).toThrow(
    `is that of user ${own}, and you are ${own + 1}: run this as that user`,
  )
  user.mockRestore()
  forget()
  unlock?.()
})

test('with a policy that is wrong from the start nothing is posted and nothing lost: posts wait for it', async () => {
  await using relay = await governed('{"rules": 1}')
  const sent = await relay.post('ada', 'waits', 'lab')
  expect(sent.id).toBeDefined()
  expect((await relay.get('grader', 'api/v1/limits')).status).toBe(403)
  await relay.restart()
  expect(relay.chat.messages(relay.channels.lab.id)).toEqual([])
  await relay.rule({})
  relay.clock.ms += 10 * 60_000
  await relay.restart()
  expect((await relay.end('ada', sent.id ?? '')).status).toBe('delivered')
  expect(relay.chat.messages(relay.channels.lab.id)).toHaveLength(1)
})

test('a post that waited for a policy is refused if the policy denies it', async () => {
  await using relay = await governed('{')
  const sent = await relay.post('ada', 'waits', 'lab')
  await relay.rule({ rules: [{ who: ['*'], deny: ['~lab'] }] })
  relay.clock.ms += 10 * 60_000
  await relay.restart()
  const { status, error } = await relay.end('ada', sent.id ?? '')
  expect([status, error]).toEqual(['dead', expect.stringContaining('rules.0.deny')])
})
