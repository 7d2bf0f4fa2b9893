// What people write to the bot, through a real websocket to the stand-in: heard once, whatever
// happens to the connection.
import { createServer } from 'node:net'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { Changes, within } from '../../../test/helpers/until.ts'
import type { Conversation, Delivered, Destination, Reply, Target } from '../../chat/chat.ts'
import { SOCKET_TIMES } from '../../chat/mattermost/socket.ts'
import { Mattermost } from '../../chat/mattermost/index.ts'
import type { MattermostConfig } from '../../chat/mattermost/index.ts'
import { ALICE, deliveryTo, MemoryCheckpoint, MemoryLinks } from '../helpers/delivery.ts'
import type { Post } from '../helpers/mattermost-state.ts'
import { MattermostServer } from '../helpers/mattermost.ts'
import { listening } from '../helpers/relay.ts'

const SIGNAL = new AbortController().signal
/** Like the real times, but shorter. */
const TIMES = { ...SOCKET_TIMES, closing: 50, pause: { first: 5, longest: 20 } }

let server: MattermostServer
let open: Ear[] = []

beforeEach(async () => {
  server = await MattermostServer.start({ dropMs: 50 })
  for (const name of ['alice', 'bob']) server.addUser(name)
  server.addChannel('lab', ['alice', 'bob', 'jupyterpost'])
})

afterEach(async () => {
  await Promise.all(open.map((ear) => ear.close()))
  open = []
  await server.close()
})

/** A listener and what it heard. */
class Ear {
  readonly chat: Mattermost
  readonly heard: Reply[] = []
  readonly notes: string[] = []
  connections = 0
  readonly #changes = new Changes()
  readonly #listening: { close(): Promise<void> }

  constructor(change: Partial<MattermostConfig> = {}) {
    this.chat = new Mattermost({
      url: server.url,
      token: server.token,
      team: server.team,
      identity: { kind: 'same-name', names: {}, links: new MemoryLinks() },
      socketTimes: TIMES,
      random: () => 0,
      note: (words) => {
        // Notes about the connection; failing requests have their own.
        if (/\bhears?\b/i.test(words)) this.notes.push(words)
        this.#changes.tell()
      },
      ...change,
    })
    const heard = (reply: Reply) => {
      this.heard.push(reply)
      this.#changes.tell()
    }
    const connected = () => {
      this.connections += 1
      this.#changes.tell()
    }
    this.#listening = this.chat.replies.listen(heard, connected)
    open.push(this)
  }

  async until(look: () => boolean): Promise<void> {
    const saw = () => ({ heard: this.heard, notes: this.notes, connections: this.connections })
    await this.#changes.until(look, String(look), { saw })
  }

  async connected(times = 1): Promise<this> {
    await this.until(() => this.connections >= times)
    return this
  }

  async texts(count: number): Promise<string[]> {
    await this.until(() => this.heard.length >= count)
    return this.heard.map(({ text }) => text)
  }

  async post(target: Target): Promise<{ destination: Destination; delivered: Delivered }> {
    const destination = await this.chat.resolve(target, ALICE, SIGNAL)
    const delivered = await this.chat.deliver(
      deliveryTo(destination),
      new MemoryCheckpoint(),
      SIGNAL,
    )
    return { destination, delivered }
  }

  missed(to: Omit<Conversation, 'after'>, after = 0): Promise<Reply[]> {
    return this.chat.replies.missed({ ...to, after }, SIGNAL)
  }

  close(): Promise<void> {
    return this.#listening.close()
  }
}

const ME: Target = { kind: 'me' }
const LAB: Target = { kind: 'channel', name: 'lab' }
const texts = (replies: readonly Reply[]) => replies.map(({ text }) => text)
const id = (name: string) => server.state.user(name).id

test('a direct message is heard, beside all threads and in the thread of a post', async () => {
  const ear = await new Ear().connected()
  const { destination, delivered } = await ear.post(ME)
  const plain = server.write('alice', destination.lane, 'yes')
  const inThread = server.write('alice', destination.lane, '2', { root_id: delivered.thread })
  await ear.texts(2)
  const all = { lane: destination.lane, direct: true, account: id('alice') }
  expect(ear.heard).toEqual([
    { ...all, id: plain.id, thread: undefined, text: 'yes', at: plain.create_at },
    { ...all, id: inThread.id, thread: delivered.thread, text: '2', at: inThread.create_at },
  ])
})

test('in a channel, a reply names its author by id and says that others can read it', async () => {
  const ear = await new Ear().connected()
  const { destination, delivered } = await ear.post(LAB)
  server.write('bob', destination.lane, 'stop', { root_id: delivered.thread })
  await ear.texts(1)
  expect(ear.heard).toMatchObject([
    { lane: destination.lane, thread: delivered.thread, direct: false, account: id('bob') },
  ])
})

test('what the bot, other bots, hooks and the server write is not heard, nor edits and channels it is not in', async () => {
  const ear = await new Ear().connected()
  const { destination, delivered } = await ear.post(LAB)
  const { lane } = destination
  server.addBot('other')
  server.state.channels.get(lane)?.members.add(id('other'))
  const root_id = delivered.thread
  server.write('other', lane, 'I am a bot', { root_id })
  server.write('alice', lane, 'by a hook', { root_id, props: { from_webhook: 'true' } })
  server.write('alice', lane, 'by a plugin', { root_id, props: { from_plugin: 'true' } })
  server.write('alice', lane, 'joined', { root_id, type: 'system_join_channel' })
  const typed = server.write('alice', lane, 'typed', { root_id })
  server.state.patchPost(typed.id, { message: 'edited' }, server.state.user('alice'))
  server.write('bob', server.addChannel('private', ['bob'], 'P').id, 'elsewhere')
  server.write('alice', lane, 'last', { root_id })
  expect(await ear.texts(2)).toEqual(['typed', 'last'])
  expect(texts(await ear.missed({ destination, delivered }))).toEqual(['edited', 'last'])
})

test('after a cut the server goes on where it was: each message is heard once and nothing is asked again', async () => {
  const ear = await new Ear().connected()
  const { destination } = await ear.post(ME)
  server.write('alice', destination.lane, 'before')
  await ear.texts(1)
  server.websocket.cut()
  await server.websocket.until(() => server.websocket.open === 0)
  server.write('alice', destination.lane, 'meanwhile')
  await server.websocket.until(() => server.websocket.open === 1)
  server.write('alice', destination.lane, 'after')
  expect(await ear.texts(3)).toEqual(['before', 'meanwhile', 'after'])
  expect(ear.connections).toBe(1)
  // The real server resumes a connection only if the upgrade itself is authenticated.
  expect(server.websocket.upgrades.at(-1)?.path).toMatch(
    /\?connection_id=\w{26}&sequence_number=\d+$/,
  )
  expect(server.websocket.upgrades.at(-1)?.headers.authorization).toBe(`Bearer ${server.token}`)
})

test('after a restart of the server what was said meanwhile is missed once, and then people are heard again', async () => {
  const ear = await new Ear().connected()
  const direct = await ear.post(ME)
  const lab = await ear.post(LAB)
  server.write('alice', direct.destination.lane, 'heard')
  await ear.texts(1)
  const after = ear.heard[0]?.at ?? 0
  await server.restart(() => {
    server.write('alice', direct.destination.lane, 'missed')
    server.write('alice', direct.destination.lane, 'in thread', {
      root_id: direct.delivered.thread,
    })
    server.write('bob', lab.destination.lane, 'to lab', { root_id: lab.delivered.thread })
    server.write('bob', lab.destination.lane, 'beside')
  })
  await ear.connected(2)
  expect(texts(await ear.missed(direct, after))).toEqual(['missed', 'in thread'])
  expect(await ear.missed(lab, after)).toMatchObject([
    { text: 'to lab', direct: false, account: id('bob'), thread: lab.delivered.thread },
  ])
  server.write('alice', direct.destination.lane, 'again')
  expect(await ear.texts(2)).toEqual(['heard', 'again'])
  expect(ear.notes).toEqual([
    expect.stringMatching(/^Does not hear answers: /),
    'Hears answers again',
  ])
})

test('a gap in the numbers of the events says that something may have been missed', async () => {
  const ear = await new Ear().connected()
  const { destination } = await ear.post(ME)
  server.write('alice', destination.lane, 'one')
  await ear.texts(1)
  server.websocket.skip()
  server.write('alice', destination.lane, 'two')
  expect(await ear.texts(2)).toEqual(['one', 'two'])
  expect(ear.connections).toBe(2)
})

test('what was missed leaves out what is deleted, what was known, and another thread, over several pages', async () => {
  const ear = await new Ear().connected()
  const first = await ear.post(ME)
  const second = await ear.post(ME)
  const write = (text: string, root_id = ''): Post =>
    server.write('alice', first.destination.lane, text, { root_id })
  const known = write('known')
  write('of the other', second.delivered.thread)
  write('in thread', first.delivered.thread)
  const gone = write('deleted')
  server.state.deletePost(gone.id, server.state.user('alice'))
  for (let n = 0; n < 450; n += 1) write(`number ${n}`)
  const missed = await ear.missed(first, known.create_at)
  expect(texts(missed)).toEqual([
    'in thread',
    ...Array.from({ length: 450 }, (_, n) => `number ${n}`),
  ])
  expect(new Set(missed.map((reply) => reply.id)).size).toBe(451)
})

test('of a post that was deleted nothing is missed, and a server that is away is said to be', async () => {
  const ear = await new Ear().connected()
  const lab = await ear.post(LAB)
  server.write('alice', lab.destination.lane, 'stop', { root_id: lab.delivered.thread })
  server.state.deletePost(lab.delivered.thread, server.bot)
  expect(await ear.missed(lab)).toEqual([])
  server.fail('GET', /thread$/, { kind: 'answer', status: 502, body: 'a proxy' })
  await expect(ear.missed(lab)).rejects.toMatchObject({ retryable: true })
})

test('a wrong token is logged without the token itself, and tried again', async () => {
  const token = 'secretsecret'
  const ear = new Ear({ token })
  await ear.until(() => ear.notes.length > 0)
  await server.arrived('GET', /users\/me$/, 3)
  expect(ear.notes).toEqual([
    'Does not hear answers: Mattermost does not accept the token of the bot; check MATTERMOST_TOKEN and that the bot is enabled',
  ])
  expect(ear.connections).toBe(0)
})

test('a token that only the websocket refuses is logged, and nothing waits for it', async () => {
  const ear = new Ear()
  await ear.connected()
  server.websocket.refused = true
  server.websocket.restart()
  await ear.until(() => ear.notes.length === 1)
  await server.websocket.until(() => server.websocket.upgrades.length >= 3)
  const { detail } = await ear.chat.ready(SIGNAL)
  expect(detail).toMatch(
    /, does not hear answers: the server does not accept the token of the bot$/,
  )
})

test('/ready tells whether people are heard, as soon as somebody listens', async () => {
  const ear = await new Ear().connected()
  expect((await ear.chat.ready(SIGNAL)).detail).toMatch(/as @jupyterpost, hears answers$/)
  await ear.close()
  expect((await ear.chat.ready(SIGNAL)).detail).toMatch(/as @jupyterpost$/)
})

test('a server that goes deaf without a word is left for a new connection', async () => {
  const ear = await new Ear({ socketTimes: { ...TIMES, askEvery: 20, answer: 50 } }).connected()
  server.websocket.trouble = 'deaf'
  await ear.until(() => ear.notes.length === 1)
  expect(ear.notes[0]).toBe('Does not hear answers: the server does not answer any more')
  server.websocket.trouble = undefined
  await ear.until(() => ear.notes.length === 2)
  const { destination } = await ear.post(ME)
  server.write('alice', destination.lane, 'hello')
  expect(await ear.texts(1)).toEqual(['hello'])
})

test('an upgrade that is never answered is given up and tried again', async () => {
  server.websocket.trouble = 'hang'
  const ear = new Ear({ socketTimes: { ...TIMES, opening: 50 } })
  await ear.until(() => ear.notes.length === 1)
  expect(ear.notes).toEqual(['Does not hear answers: the server did not say hello in time'])
  server.websocket.trouble = undefined
  await ear.connected()
})

test.each([
  ['while it is up', async (ear: Ear) => void (await ear.connected())],
  [
    'while the server is deaf',
    async (ear: Ear) => {
      await ear.connected()
      server.websocket.trouble = 'deaf'
    },
  ],
  [
    'while the upgrade hangs',
    async () => {
      server.websocket.trouble = 'hang'
      await server.websocket.until(() => server.websocket.upgrades.length > 0)
    },
  ],
  [
    'between two attempts',
    async (ear: Ear) => {
      server.fail('GET', /users\/me/, { kind: 'answer', status: 500, body: '' }, 1000)
      await server.arrived('GET', /users\/me/)
      await ear.until(() => ear.notes.length > 0)
    },
  ],
  ['right away', async () => undefined],
])('closing %s takes no time and leaves no connection', async (_, before) => {
  const ear = new Ear({ socketTimes: { ...TIMES, pause: { first: 60_000, longest: 60_000 } } })
  await before(ear)
  // An upgrade would be given up after 15 s, a pause is over after a minute.
  await within(ear.close(), 'the connection closes', { limit: 10_000 })
  // So that the server notices.
  server.websocket.trouble = undefined
  await server.websocket.until(() => server.websocket.sockets === 0)
  const { connections } = ear
  await ear.close()
  expect(ear.connections).toBe(connections)
})

test('each of two bots hears by a connection of its own, and neither the other', async () => {
  const { token } = server.addBot('second')
  const one = await new Ear().connected()
  const two = await new Ear({ name: 'second', token }).connected()
  const [mine, others] = [await one.post(ME), await two.post(ME)]
  server.write('alice', others.destination.lane, 'to the second')
  server.write('alice', mine.destination.lane, 'to the first')
  expect(await one.texts(1)).toEqual(['to the first'])
  expect(await two.texts(1)).toEqual(['to the second'])
})

test('what is no Mattermost at all harms nobody', async () => {
  const noise = createServer((socket) => {
    socket.on('error', () => undefined).resume()
    socket.end('SSH-2.0-OpenSSH\r\n')
  })
  const port = await listening(noise)
  const ear = new Ear({ url: `http://127.0.0.1:${port}` })
  await ear.until(() => ear.notes.length > 0)
  expect(ear.notes[0]).toMatch(/^Does not hear answers: Mattermost at .* does not answer/)
  await ear.close()
  await new Promise((resolve) => noise.close(resolve))
})
