// A proxy between the relay and Mattermost answers in its place for a while: no post is lost, and
// the trouble is told once.
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import type { Delivered, Destination } from '../../chat/chat.ts'
import { Mattermost } from '../../chat/mattermost/index.ts'
import { ChatError } from '../../errors.ts'
import { ALICE, deliveryTo, editOf, MemoryCheckpoint, MemoryLinks } from '../helpers/delivery.ts'
import { MattermostServer } from '../helpers/mattermost.ts'
import type { Fault } from '../helpers/mattermost.ts'

const SIGNAL = new AbortController().signal
const LAB = { kind: 'channel', name: 'lab' } as const
const SECRET = 'hunter2hunter2'
const html = `<html>login ${SECRET}</html>`
const answer = (status: number, body: string, headers = {}): Fault => {
  return { kind: 'answer', status, body, headers: { 'content-type': 'text/html', ...headers } }
}

let server: MattermostServer
let chat: Mattermost
let notes: string[]
let elapsed = 0

beforeEach(async () => {
  server = await MattermostServer.start()
  server.addUser('alice')
  server.addChannel('lab', ['alice', 'jupyterpost'])
  // Requests of an earlier test may still be ending.
  const own: string[] = []
  notes = own
  chat = new Mattermost({
    url: server.url,
    token: server.token,
    team: server.team,
    identity: { kind: 'same-name', names: {}, links: new MemoryLinks() },
    note: (words) => own.push(words),
    monotonic: () => elapsed,
  })
})

afterEach(() => server.close())

async function errorOf(work: Promise<unknown>): Promise<ChatError> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  if (!(error instanceof ChatError)) throw new Error(`Expected a ChatError, got ${String(error)}`)
  return error
}

const FAULTS: [string, Fault][] = [
  ['302 to a login', answer(302, '', { location: `https://sso.example.org/?t=${SECRET}` })],
  ['401 with HTML', answer(401, html)],
  ['403 with HTML', answer(403, html)],
  ['404 with HTML', answer(404, html)],
  ['404 with other JSON', answer(404, `{"id":"x","message":"${SECRET}"}`)],
  ['410 with nothing', answer(410, '')],
  ['200 with HTML', answer(200, html)],
  ['200 with JSON of another shape', answer(200, `{"ok":"${SECRET}"}`)],
  ['200 with a list', answer(200, '[]')],
  ['502 with HTML', answer(502, html)],
  ['a connection reset', { kind: 'reset' }],
]

const file = { name: 'a.png', mimetype: 'image/png', bytes: Buffer.from('png') }
/** The requests of a delivery: permission again, its file, its message. */
const REQUESTS: [string, RegExp][] = [
  ['GET', /^\/channels\/[^/]+\/members/],
  ['POST', /^\/files/],
  ['POST', /^\/posts$/],
]

test.each(FAULTS)('%s instead of Mattermost kills no post, and is told once', async (_, fault) => {
  const to = await chat.resolve(LAB, ALICE, SIGNAL)
  const delivery = deliveryTo(to, { files: [file] })
  const checkpoint = new MemoryCheckpoint()
  // What the server said before is no longer trusted.
  elapsed += 60_000
  for (const [method, path] of REQUESTS) {
    server.fail(method, path, fault, 3)
    for (let tries = 0; tries < 3; tries++) {
      const error = await errorOf(chat.deliver(delivery, checkpoint, SIGNAL))
      expect(error).toMatchObject({ status: 0, retryable: true })
      expect(error.message).not.toContain(SECRET)
      expect(await chat.ready(SIGNAL)).toEqual({ ready: false, detail: error.message })
    }
  }
  await chat.deliver(delivery, checkpoint, SIGNAL)
  expect(server.messages(to.lane)).toHaveLength(1)
  expect(server.messages(to.lane)[0]?.file_ids).toHaveLength(1)
  expect((await chat.ready(SIGNAL)).ready).toBe(true)
  // One for each time that the trouble began.
  expect(notes).toHaveLength(6)
  expect(notes.filter((note) => note === 'Mattermost answers again')).toHaveLength(3)
  expect(notes.join('\n')).not.toContain(SECRET)
})

async function delivered(to: Destination): Promise<[ReturnType<typeof deliveryTo>, Delivered]> {
  const delivery = deliveryTo(to)
  return [delivery, await chat.deliver(delivery, new MemoryCheckpoint(), SIGNAL)]
}

test.each(FAULTS)('%s instead of Mattermost kills no edit and no removal', async (_, fault) => {
  const to = await chat.resolve(LAB, ALICE, SIGNAL)
  const edit = editOf(...(await delivered(to)), { blocks: [{ type: 'message', text: 'new' }] })
  const checkpoint = new MemoryCheckpoint()
  server.fail('PUT', /patch$/, fault)
  expect(await errorOf(chat.edit(edit, checkpoint, SIGNAL))).toMatchObject({ retryable: true })
  await chat.edit(edit, checkpoint, SIGNAL)
  expect(server.messages(to.lane).map((post) => post.message)).toEqual([
    '**alice** · via jupyterpost\n\nnew',
  ])
  server.fail('DELETE', /^\/posts/, fault)
  expect(await errorOf(chat.remove(edit, checkpoint, SIGNAL))).toMatchObject({ retryable: true })
  await chat.remove(edit, checkpoint, SIGNAL)
  expect(server.messages(to.lane)).toEqual([])
})

test.each(FAULTS)('%s instead of Mattermost leaves no target unknown', async (_, fault) => {
  const paths: [RegExp, number][] = [
    // Requested at the same time.
    [/^\/(?:users\/me$|teams\/name|config)/, 3],
    [/^\/users\/username/, 1],
    [/channels\/name/, 1],
  ]
  for (const [path, times] of paths) {
    server.fail('GET', path, fault, times)
    expect(await errorOf(chat.resolve(LAB, ALICE, SIGNAL))).toMatchObject({ retryable: true })
    if (times > 1) await server.arrived('GET', /^\/config/)
  }
  await chat.resolve(LAB, ALICE, SIGNAL)
})

test.each([
  ['the team', 'GET', /^\/teams\/name/, 'app.team.get_by_name.missing.app_error', 404],
  ['the bot itself', 'GET', /^\/users\/me$/, 'api.context.permissions.app_error', 403],
] as const)(
  'what Mattermost refuses of %s is no word about a post',
  async (_, method, path, id, status) => {
    server.fail(method, path, { kind: 'refusal', status, id })
    const error = await errorOf(chat.resolve(LAB, ALICE, SIGNAL))
    expect(error).toMatchObject({ retryable: true })
    expect(error.message).toContain('The bot sees no team "qt"')
  },
)

test('a file that a proxy finds too large is named, and the rest arrives', async () => {
  const to = await chat.resolve(LAB, ALICE, SIGNAL)
  server.fail('POST', /^\/files/, answer(413, html))
  const small = { ...file, name: 'small.png' }
  const delivery = deliveryTo(to, { files: [file, small] })
  const { leftOut } = await chat.deliver(delivery, new MemoryCheckpoint(), SIGNAL)
  expect(leftOut).toEqual(['a.png: too large for Mattermost'])
  const [post] = server.messages(to.lane)
  expect(post?.file_ids).toHaveLength(1)
  expect(post?.message).toContain('*left out: a.png: too large for Mattermost*')
  expect(notes).toEqual([])
})

test('a file that a proxy finds too large for an edit is named too', async () => {
  const to = await chat.resolve(LAB, ALICE, SIGNAL)
  const edit = editOf(...(await delivered(to)), {
    files: [file],
    blocks: [{ type: 'image', file: 0 }],
  })
  server.fail('POST', /^\/files/, answer(413, html))
  const { leftOut } = await chat.edit(edit, new MemoryCheckpoint(), SIGNAL)
  expect(leftOut).toEqual(['a.png: too large for Mattermost'])
})

test('an answer that does not end is not kept in memory: it is trouble of the site', async () => {
  server.fail('GET', /^\/users\/me/, answer(200, html.repeat(200_000)))
  const { ready, detail } = await chat.ready(SIGNAL)
  expect({ ready, detail }).toEqual({
    ready: false,
    detail: `Mattermost at ${server.url} does not answer: it sends more than 4 MB`,
  })
})
