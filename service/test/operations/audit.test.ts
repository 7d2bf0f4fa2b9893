// The audit trail and the log of refusals: who, where to, which rule, which post; never what was
// posted. Both are written whatever becomes of the post.
import { DatabaseSync } from 'node:sqlite'
import { Writable } from 'node:stream'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import pino from 'pino'
import { z } from 'zod'

import { Accepted } from '../../../post/contract/schema.ts'
import { until } from '../../../test/helpers/until.ts'
import { Audit } from '../../outbox/audit.ts'
import { SCHEMA } from '../../schema.ts'
import { Database } from '../../storage/database.ts'
import { sha256 } from '../../storage/digest.ts'
import { GRANT, startHub } from '../helpers/hub.ts'
import type { TestHub } from '../helpers/hub.ts'
import { wholly } from '../helpers/batches.ts'
import { MattermostServer } from '../helpers/mattermost.ts'
import {
  allDelivered,
  authorized,
  change,
  message,
  send,
  temporaryFolder,
  testRelay,
} from '../helpers/relay.ts'
import type { Folder, TestRelay } from '../helpers/relay.ts'

const SERVER = 'access:servers!server=ada/lab'

let folder: Folder
let hub: TestHub
let relay: TestRelay
let server: MattermostServer
let isOpen: boolean
let lines: z.infer<typeof Line>[]

const Line = z.looseObject({ msg: z.string().optional(), level: z.int() })

beforeEach(async () => {
  folder = temporaryFolder()
  hub = await startHub()
  hub.users.set('t-ada', { name: 'ada', scopes: [GRANT, SERVER] })
  hub.users.set('t-ada-page', { name: 'ada', scopes: [GRANT], token_id: 'a77' })
  server = await MattermostServer.start()
  server.addUser('ada')
  lines = []
  isOpen = true
  const sink = new Writable({
    write(line, _encoding, done) {
      lines.push(Line.parse(JSON.parse(String(line))))
      done()
    },
  })
  relay = await testRelay(
    {
      ...folder.env,
      JUPYTERHUB_SERVICE_NAME: 'jupyterpost',
      JUPYTERHUB_SERVICE_URL: 'http://127.0.0.1:0',
      JUPYTERHUB_API_URL: hub.apiUrl,
      JUPYTERPOST_DATABASE: database(),
      MATTERMOST_URL: server.url,
      MATTERMOST_TOKEN: server.token,
      MATTERMOST_TEAM: server.team,
    },
    { log: pino({ level: 'info' }, sink) },
  )
})

afterEach(async () => {
  await close()
  await server.close()
  await hub[Symbol.asyncDispose]()
  folder[Symbol.dispose]()
})

async function close(): Promise<void> {
  if (isOpen) await relay[Symbol.asyncDispose]()
  isOpen = false
}

const database = () => `${folder.path}/hub.sqlite`

function rows(): Record<string, unknown>[] {
  using db = new DatabaseSync(database(), { readOnly: true })
  return db
    .prepare(
      'SELECT deed, person, origin, service, target, post, hash, bytes, why, times FROM audit ORDER BY n',
    )
    .all()
    .map((row) => ({ ...row }))
}

const deeds = () => rows().map(({ deed }) => deed)
const at = (token = 't-ada') => ({ url: relay.url, token })
const accepted = async (answer: Response) => Accepted.parse(await answer.json()).posts[0]?.id ?? ''

test('acceptance, delivery, change and removal are kept with hash, size and server', async () => {
  const post = message('the secret words', 'inbox:@me')
  const id = await accepted(await send(at(), post))
  await allDelivered(at(), [id])
  await change(at('t-ada-page'), id, { blocks: [{ type: 'message', text: 'other secret words' }] })
  await until(() => deeds().includes('change delivered'), 'it is changed', { saw: rows })
  const headers = authorized('t-ada')
  await fetch(new URL(`api/v1/posts/${id}`, relay.url), { method: 'DELETE', headers })
  await until(() => deeds().includes('removed'), 'it is removed', { saw: rows })
  expect(deeds()).toEqual([
    'accepted',
    'delivered',
    'changed',
    'change delivered',
    'removal asked',
    'removed',
  ])
  const blocks = JSON.stringify(post.blocks)
  expect(rows()[0]).toEqual({
    deed: 'accepted',
    person: 'ada',
    origin: 'server ada/lab',
    service: 'inbox',
    target: 'your inbox',
    post: id,
    hash: sha256(blocks),
    bytes: blocks.length,
    why: null,
    times: 1,
  })
  expect(rows()[2]).toMatchObject({
    origin: 'token a77',
    hash: expect.stringMatching(/^[0-9a-f]{64}$/),
  })
  expect(JSON.stringify(rows())).not.toContain('secret')
})

const files = (text: string) => [new File([text], 'a.txt')]

test('a file changes the hash, a repeated request adds nothing', async () => {
  const post = { targets: ['inbox:@me'], blocks: [{ type: 'file', file: 0 }] }
  await send(at(), post, { key: 'one', files: files('one') })
  await send(at(), post, { key: 'one', files: files('one') })
  await send(at(), post, { key: 'two', files: files('two') })
  const hashes = rows()
    .filter(({ deed }) => deed === 'accepted')
    .map(({ hash }) => hash)
  expect(hashes).toHaveLength(2)
  expect(new Set(hashes).size).toBe(2)
})

test('a post that is refused at once is logged and kept with who, where to, rule and key', async () => {
  const refused = await send(at(), message('the secret words', 'no-such\nchannel'), { key: 'k-1' })
  expect(refused.status).toBe(400)
  const said = lines.find(({ msg }) => msg === 'refused a request')
  expect(said).toMatchObject({ person: 'ada', targets: ['no-such\nchannel'], post: 'k-1' })
  await until(() => deeds().includes('refused'), 'it is kept', { saw: rows })
  expect(rows()[0]).toMatchObject({
    deed: 'refused',
    person: 'ada',
    origin: 'server ada/lab',
    target: 'no-such\nchannel',
    post: 'k-1',
    why: said?.rule,
    hash: null,
  })
  expect(JSON.stringify([lines, rows()])).not.toMatch(/secret words|t-ada\b/)
})

test('a post that the chat refuses later is logged and kept with its id and the rule', async () => {
  server.addChannel('lab', ['ada'])
  server.fail('POST', /^\/posts$/, {
    kind: 'refusal',
    status: 403,
    id: 'api.context.permissions.app_error',
  })
  const id = await accepted(await send(at(), message('the secret words', 'lab')))
  await until(() => deeds().includes('given up'), 'it is given up', { saw: () => [rows(), lines] })
  expect(rows().at(-1)).toMatchObject({
    deed: 'given up',
    person: 'ada',
    post: id,
    service: 'mattermost',
  })
  const said = () => lines.find(({ msg }) => msg === 'a post was refused')
  await until(() => said() !== undefined, 'it is logged')
  expect(said()).toMatchObject({
    person: 'ada',
    chat: 'mattermost',
    target: '~lab (Mattermost)',
    post: id,
    level: 40,
  })
  expect(said()?.rule).toEqual(rows().at(-1)?.why)
  expect(JSON.stringify([lines, rows()])).not.toMatch(/secret words|t-ada\b/)
})

test('a thousand equal refusals are a few rows, with their number', async () => {
  const sent = Array.from({ length: 300 }, () => fetch(new URL('api/v1/posts', relay.url)))
  for (const answer of await Promise.all(sent)) expect(answer.status).toBe(403)
  await close()
  const refused = rows().filter(({ deed }) => deed === 'refused')
  expect(refused).toHaveLength(6)
  expect(refused.reduce((sum, { times }) => sum + Number(times), 0)).toBe(300)
  expect(refused[0]).toMatchObject({ person: '', why: 'no_token', post: null })
})

test('the trail is bounded by age and number, and no row is ever changed', async () => {
  using home = temporaryFolder()
  const clock = { ms: 1000 }
  const path = `${home.path}/a.sqlite`
  const db = new Database(path, SCHEMA)
  const audit = new Audit(db, () => clock.ms)
  const row = { person: 'ada', origin: undefined, targets: [], post: undefined, times: 1 }
  const fill = (count: number, rule: string) =>
    db.write(() => {
      for (let n = 0; n < count; n += 1) audit.refused({ ...row, rule })
    })
  await fill(6000, 'old')
  clock.ms = 2000
  await fill(6000, 'new')
  await wholly(audit.old(2000, 1_000_000))
  const left = () =>
    db.all('SELECT why, count(*) AS n FROM audit GROUP BY why').map((one) => ({ ...one }))
  expect(left()).toEqual([{ why: 'new', n: 6000 }])
  await wholly(audit.old(0, 100))
  expect(left()).toEqual([{ why: 'new', n: 100 }])
  await expect(db.write(() => db.run(`UPDATE audit SET person = 'bob'`))).rejects.toThrow(
    'The audit trail is never changed',
  )
  db.close()
})
