// The files of deploy/: programs that know their formats find nothing wrong, and their settings
// are those of the relay. And `/metrics`, as the parser of Prometheus' own client reads it.
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'

import { parseConfig } from '../service/config.ts'
import {
  authorized,
  message,
  send,
  temporaryFolder,
  testRelay,
} from '../service/test/helpers/relay.ts'
import { root } from './helpers/clone.ts'
import { finish } from './helpers/program.ts'
import { pythonVenv } from './setup/python.ts'

/** Long, since the environment may have to be made first. */
const SETUP_LIMIT = 300_000
const ANALYZE = '/usr/bin/systemd-analyze'

let bin: string
let folder: string

beforeAll(async () => {
  bin = join(await pythonVenv('deploy'), 'bin')
  folder = mkdtempSync(join(tmpdir(), 'jupyterpost-deploy-'))
}, SETUP_LIMIT)

afterAll(() => rmSync(folder, { recursive: true, force: true }))

const path = (name: string) => join(root, 'deploy', name)
const read = (name: string) => readFileSync(path(name), 'utf8')

async function check(program: string, words: string[]) {
  const { code, stdout, stderr } = await finish(program, words, { env: process.env })
  return { code, said: stdout + stderr }
}

test('hadolint finds nothing in the container file', async () => {
  expect(await check(join(bin, 'hadolint'), [path('Containerfile')])).toEqual({ code: 0, said: '' })
})

test('hadolint would find something', async () => {
  const bad = join(folder, 'Containerfile')
  writeFileSync(bad, read('Containerfile').replace(/^FROM .*/m, 'FROM node:latest'))
  expect((await check(join(bin, 'hadolint'), [bad])).said).toContain('DL3007')
})

test('kubernetes-validate passes each object of the manifest, without unknown names', async () => {
  const { code, said } = await check(join(bin, 'kubernetes-validate'), [
    '--strict',
    path('kubernetes.yaml'),
  ])
  expect([code, said]).toEqual([0, expect.stringContaining('deployment/jupyterpost')])
  const bad = join(folder, 'bad.yaml')
  writeFileSync(bad, read('kubernetes.yaml').replace('replicas:', 'replicass:'))
  expect((await check(join(bin, 'kubernetes-validate'), ['--strict', bad])).code).not.toBe(0)
})

const withSystemd = existsSync(ANALYZE) ? test : test.skip

withSystemd('systemd-analyze takes the unit, and calls it well confined', async () => {
  // The program need not be installed here.
  const unit = join(folder, 'jupyterpost.service')
  writeFileSync(unit, read('jupyterpost.service').replace('/usr/bin/node', '/bin/true'))
  expect(await check(ANALYZE, ['verify', unit])).toEqual({ code: 0, said: '' })
  const rated = await check(ANALYZE, ['security', '--offline=true', '--threshold=30', unit])
  expect([rated.code, rated.said]).toEqual([0, expect.stringContaining('Overall exposure level')])
  writeFileSync(unit, read('jupyterpost.service').replace('NoNewPrivileges=', 'NoNewPrivilege='))
  expect((await check(ANALYZE, ['verify', unit])).said).toContain('NoNewPrivilege')
})

/** The variables that a file of deploy/ sets. */
const SETS: Readonly<Record<string, () => string[][]>> = {
  'jupyterpost.service': () =>
    [...read('jupyterpost.service').matchAll(/^Environment=(\w+)=(.*)$/gm)].map(
      ([, name = '', value = '']) => [name, value],
    ),
  Containerfile: () =>
    [...read('Containerfile').matchAll(/^(?:ENV|   ) (JUPYTER\w+)=(\S+)/gm)].map(
      ([, name = '', value = '']) => [name, value],
    ),
  'kubernetes.yaml': () =>
    [...read('kubernetes.yaml').matchAll(/- name: ([A-Z_]+)\n +value: (.*)$/gm)].map(
      ([, name = '', value = '']) => [name, value],
    ),
}

test.each([
  ['the unit', ['jupyterpost.service']],
  ['the container with the manifest', ['Containerfile', 'kubernetes.yaml']],
])('a relay takes the settings of %s as they are', (_, names) => {
  const token = join(folder, 'mattermost-token')
  writeFileSync(token, 'a-token\n')
  const set = names.flatMap((name) => SETS[name]?.() ?? [])
  const env: NodeJS.ProcessEnv = { HOME: folder }
  for (const [name = '', value] of set) env[name] = value
  expect(env['MATTERMOST_TOKEN_FILE']).toMatch(/\/mattermost-token$/)
  const config = parseConfig({ ...env, MATTERMOST_TOKEN_FILE: token }, {})
  expect([config.problems, config.warnings]).toEqual([[], []])
  expect(config).toMatchObject({
    mode: 'hub',
    prefix: '/services/jupyterpost/',
    database: '/var/lib/jupyterpost/jupyterpost.sqlite',
    chats: [{ name: 'mattermost', team: 'your-team' }],
  })
})

test('the numbers of /metrics are what Prometheus reads', async () => {
  using home = temporaryFolder()
  await using relay = await testRelay(home.env)
  await send(relay, message('hello', '@me'))
  await fetch(new URL('api/v1/posts', relay.url))
  const metrics = await fetch(new URL('metrics', relay.url), { headers: authorized(relay.token) })
  const text = join(folder, 'metrics.txt')
  writeFileSync(text, await metrics.text())
  const code = `
import sys
from prometheus_client.openmetrics.parser import text_string_to_metric_families as families
for family in families(open(sys.argv[1]).read()):
    print(family.type, family.name, len(family.samples))
`
  const { code: status, said } = await check(join(bin, 'python'), ['-c', code, text])
  expect([status, said]).toEqual([0, expect.stringMatching(/^counter jupyterpost_refusals 1$/m)])
  expect(said).toMatch(/^histogram jupyterpost_delivery_attempt_seconds \d+$/m)
  expect(said).toMatch(/^gauge nodejs_eventloop_lag_p99_seconds 1$/m)
})
