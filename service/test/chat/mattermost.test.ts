import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { z } from 'zod'
import type { Destination, Target } from '../../chat/chat.ts'
import { MattermostApi } from '../../chat/mattermost/api.ts'
import { Mattermost } from '../../chat/mattermost/index.ts'
import type { MattermostConfig } from '../../chat/mattermost/index.ts'
import { ChatError } from '../../errors.ts'
import { ALICE, deliveryTo, MemoryCheckpoint, MemoryLinks } from '../helpers/delivery.ts'
import { isRecord } from '../helpers/mattermost-state.ts'
import { MattermostServer } from '../helpers/mattermost.ts'

const SIGNAL = new AbortController().signal
const TIMEOUTS = { request: 10_000, upload: 10_000 }

/** ms after which nothing is trusted that no websocket keeps true. */
const TRUSTED = 60_000

let clock = 1_700_000_000_000
let elapsed = 0
let server: MattermostServer
let chat: Mattermost

function connect(change: Partial<MattermostConfig> = {}): Mattermost {
  return new Mattermost({
    url: server.url,
    token: server.token,
    team: server.team,
    identity: { kind: 'same-name', names: {}, links: new MemoryLinks() },
    timeouts: TIMEOUTS,
    now: () => clock,
    monotonic: () => elapsed,
    ...change,
  })
}

beforeEach(async () => {
  clock = 1_700_000_000_000
  server = await MattermostServer.start({ now: () => clock })
  server.addUser('alice')
  server.addUser('bob')
  server.addUser('stranger', { inTeam: false })
  server.addChannel('lab', ['alice', 'jupyterpost'])
  chat = connect()
})

afterEach(async () => {
  await server.close()
})

const channel = (name: string): Target => ({ kind: 'channel', name })
const person = (name: string): Target => ({ kind: 'person', name })
const png = (name: string) => ({ name, mimetype: 'image/png', bytes: Buffer.from(`png ${name}`) })

function resolve(target: Target, as = chat): Promise<Destination> {
  return as.resolve(target, ALICE, SIGNAL)
}

async function refusal(work: Promise<unknown>): Promise<ChatError> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  if (!(error instanceof ChatError)) throw new Error(`Expected a ChatError, got ${String(error)}`)
  return error
}

test.each(['', '/', '/api/v4', '/api/v4/'])('the address may end in %j', async (ending) => {
  const ready = await connect({ url: server.url + ending }).ready(SIGNAL)
  expect(ready).toEqual({
    ready: true,
    detail: `Mattermost 5.37.0 at ${server.url}, team "qt", as @jupyterpost`,
  })
})

test('what is wrong names the settings of a file, if the service is from one', async () => {
  const settings = { url: 'chats.lab.url', team: 'chats.lab.team', token: 'chats.lab.tokenFile' }
  const said = await Promise.all(
    [{ url: 'http://127.0.0.1:1' }, { team: 'nope' }, { token: 'x' }].map(async (wrong) => {
      return (await connect({ ...wrong, settings }).ready(SIGNAL)).detail
    }),
  )
  expect(said).toEqual(Object.values(settings).map((name) => expect.stringContaining(name)))
  expect(said.join()).not.toContain('MATTERMOST_')
})

test('a malformed address is refused at once', () => {
  expect(() => connect({ url: 'mattermost.example.org' })).toThrow(/MATTERMOST_URL must be/)
})

test('a wrong token, a wrong team and a dead server are reported in one sentence without the token', async () => {
  const token = 'secretsecret'
  const wrong = await connect({ token }).ready(SIGNAL)
  expect(wrong).toMatchObject({ ready: false })
  expect(wrong.detail).toMatch(/MATTERMOST_TOKEN/)
  expect(wrong.detail).not.toContain(token)
  expect(await connect({ team: 'nope' }).ready(SIGNAL)).toMatchObject({ ready: false })
  const away = connect({ url: 'http://127.0.0.1:1' })
  expect((await away.ready(SIGNAL)).detail).toMatch(
    /refuses connections: it does not run, or MATTERMOST_URL is wrong$/,
  )
})

test('a redirect is not followed and names where it leads', async () => {
  const headers = { location: 'https://bot:secret@chat.example.org/login?code=secret' }
  server.fail('GET', /users\/me/, { kind: 'answer', status: 301, body: '', headers })
  expect((await chat.ready(SIGNAL)).detail).toBe(
    'Mattermost redirects to https://chat.example.org; set MATTERMOST_URL to the final address',
  )
})

test('limits come from the server', async () => {
  server.state.config.MaxPostSize = '4000'
  server.state.config.MaxFileSize = '1000'
  server.state.config.EnableLatex = 'true'
  expect(chat.capabilities().text.max).toBe(16383)
  await chat.ready(SIGNAL)
  expect(chat.capabilities()).toMatchObject({
    math: true,
    // Mattermost 5.37 knows none, and says nothing of it.
    inlineMath: false,
    text: { max: 4000, unit: 'runes' },
    files: { perMessage: 10, bytes: 1000 },
  })
})

test('text arrives from the bot, with the poster in its first line and a permalink', async () => {
  const to = await resolve(channel('lab'))
  expect(to.label).toBe('~lab (Mattermost)')
  const delivered = await chat.deliver(
    deliveryTo(to, { id: 'delivery-1' }),
    new MemoryCheckpoint(),
    SIGNAL,
  )
  const [post] = server.messages(to.lane)
  expect(post).toMatchObject({
    message: '**alice** · via jupyterpost\n\nhello',
    user_id: server.bot.id,
    root_id: '',
  })
  expect(delivered).toEqual({
    messages: [{ id: post?.id, text: true, files: false }],
    url: `${server.url}/qt/pl/${post?.id}`,
    thread: post?.id,
    leftOut: [],
  })
  const [request] = server.sent('POST', /^\/posts$/)
  expect(request?.json).toMatchObject({
    channel_id: to.lane,
    file_ids: [],
    pending_post_id: expect.stringMatching(new RegExp(`^${server.bot.id}:`)),
  })
  expect(post?.props).toEqual({ jupyterpost: 'delivery-1:0', from_bot: 'true' })
})

test('the own signature of an admin follows the name', async () => {
  const signed = connect({ signature: '(from the lab)' })
  const to = await resolve(channel('lab'), signed)
  await signed.deliver(deliveryTo(to), new MemoryCheckpoint(), SIGNAL)
  expect(server.messages(to.lane)[0]?.message).toBe(
    '**alice** (from the lab) · via jupyterpost\n\nhello',
  )
})

test('@me and @name are direct messages', async () => {
  const me = await resolve({ kind: 'me' })
  const bob = await resolve(person('bob'))
  expect([me.label, bob.label]).toEqual(['@alice (Mattermost)', '@bob (Mattermost)'])
  await chat.deliver(deliveryTo(bob), new MemoryCheckpoint(), SIGNAL)
  expect(server.state.channels.get(bob.lane)?.members).toEqual(
    new Set([server.bot.id, server.state.user('bob').id]),
  )
  expect(server.messages(bob.lane)).toHaveLength(1)
})

test('a destination names accounts by id: that of the poster, and for a direct message that of the recipient', async () => {
  const [alice, bob] = [server.state.user('alice').id, server.state.user('bob').id]
  expect((await resolve({ kind: 'me' })).accounts).toEqual({ poster: alice, person: alice })
  expect((await resolve(person('bob'))).accounts).toEqual({ poster: alice, person: bob })
  expect((await resolve(channel('lab'))).accounts).toEqual({ poster: alice })
})

test('a person is pinned to the id of the first use, whoever takes the name later', async () => {
  const first = await resolve({ kind: 'me' })
  const alice = server.state.user('alice')
  alice.username = 'alice-renamed'
  server.addUser('alice')
  expect((await resolve({ kind: 'me' })).lane).toBe(first.lane)
  alice.delete_at = 1
  elapsed += TRUSTED
  expect(await refusal(resolve({ kind: 'me' }))).toMatchObject({ code: 'identity_not_linked' })
})

test('two servers have links of their own', async () => {
  const links = new MemoryLinks()
  const identity = { kind: 'same-name', names: {}, links } as const
  const other = await MattermostServer.start()
  try {
    const alice = other.addUser('alice')
    const { url, token } = other
    await resolve({ kind: 'me' }, connect({ identity }))
    await resolve({ kind: 'me' }, connect({ name: 'second', url, token, identity }))
    expect(await links.find('second', 'alice')).toBe(alice.id)
    expect(await links.find('mattermost', 'alice')).toBe(server.state.user('alice').id)
  } finally {
    await other.close()
  }
})

test.each(['nobody', 'stranger', 'jupyterpost', 'a b', '../x', 'x@y'])(
  'a Hub user %j without an account of that name in the team is not linked',
  async (name) => {
    const error = await refusal(chat.resolve({ kind: 'me' }, { name, groups: [] }, SIGNAL))
    expect(error).toMatchObject({ code: 'identity_not_linked', retryable: false })
    expect(error.message).toContain('ask the admin')
  },
)

test('a map links what has different names, and with it alone nothing else', async () => {
  const links = new MemoryLinks()
  const mapped = connect({ identity: { kind: 'map', names: { alice: 'bob' }, links } })
  expect((await resolve({ kind: 'me' }, mapped)).label).toBe('@bob (Mattermost)')
  const bob = { name: 'bob', groups: [] }
  expect(await refusal(mapped.resolve({ kind: 'me' }, bob, SIGNAL))).toMatchObject({
    code: 'identity_not_linked',
  })
})

test('unknown, foreign and private channels and people get the same answer with the nearest allowed names', async () => {
  server.addChannel('lad', ['bob', 'jupyterpost'], 'P')
  server.addChannel('lap', ['alice'], 'P')
  server.addChannel('labs', ['bob', 'jupyterpost'])
  const answers = []
  for (const name of ['lad', 'lap', 'labs', 'lax']) {
    const error = await refusal(resolve(channel(name)))
    expect(error).toMatchObject({ code: 'unknown_target', retryable: false, nearest: ['~lab'] })
    answers.push(error.message.replaceAll(name, 'NAME'))
  }
  expect(new Set(answers).size).toBe(1)
  expect(answers[0]).toContain('"~NAME"')
  for (const name of ['bop', 'stranger', 'jupyterpost'])
    expect(await refusal(resolve(person(name)))).toMatchObject({ code: 'unknown_target' })
  expect((await refusal(resolve(person('bop')))).nearest).toEqual(['@bob'])
})

test('the bot joins a public channel of the person by itself', async () => {
  const news = server.addChannel('news', ['alice'])
  const to = await resolve(channel('News'))
  expect(to.lane).toBe(news.id)
  await chat.deliver(deliveryTo(to), new MemoryCheckpoint(), SIGNAL)
  expect(server.messages(news.id)).toHaveLength(1)
})

test('a person who left a channel or the team before the delivery posts nothing there', async () => {
  const to = await resolve(channel('lab'))
  const direct = await resolve(person('bob'))
  server.state.channels.get(to.lane)?.members.delete(server.state.user('alice').id)
  server.state.team('qt').members.delete(server.state.user('bob').id)
  elapsed += TRUSTED
  for (const destination of [to, direct]) {
    const work = chat.deliver(deliveryTo(destination), new MemoryCheckpoint(), SIGNAL)
    expect(await refusal(work)).toMatchObject({ code: 'not_allowed', retryable: false })
    expect(server.messages(destination.lane)).toEqual([])
  }
})

test('targets lists only what the person may post to', async () => {
  server.addChannel('labour', ['alice', 'jupyterpost'], 'P')
  server.addChannel('labyrinth', ['bob', 'jupyterpost'])
  expect(await chat.targets('la', ALICE, SIGNAL)).toEqual(['lab', 'labour'])
  expect(await chat.targets('', ALICE, SIGNAL)).toEqual(['@me', 'lab', 'labour'])
  expect(await chat.targets('@b', ALICE, SIGNAL)).toEqual(['@bob'])
  expect(await chat.targets('@', ALICE, SIGNAL)).toEqual(['@me'])
})

test('files go one a request, the channel first, and hang on the message in order', async () => {
  const to = await resolve(channel('lab'))
  const files = [png('a.png'), png('ü "b".png')]
  await chat.deliver(deliveryTo(to, { files }), new MemoryCheckpoint(), SIGNAL)
  const uploads = server.sent('POST', /^\/files/)
  expect(uploads).toHaveLength(2)
  expect(uploads[0]?.body.toString()).toMatch(
    /name="channel_id"[\s\S]+name="files"; filename="a.png"/,
  )
  const names = server.messages(to.lane)[0]?.file_ids?.map((id) => server.state.files.get(id)?.name)
  expect(names?.[0]).toBe('a.png')
  expect(names?.[1]).toContain('ü')
})

test('more than ten files become several messages in their order', async () => {
  const to = await resolve(channel('lab'))
  const files = Array.from({ length: 23 }, (_, index) => png(`${index}.png`))
  await chat.deliver(deliveryTo(to, { files }), new MemoryCheckpoint(), SIGNAL)
  const posts = server.messages(to.lane)
  expect(posts.map(({ file_ids }) => file_ids?.length)).toEqual([10, 10, 3])
  const names = posts
    .flatMap((post) => post.file_ids ?? [])
    .map((id) => server.state.files.get(id)?.name)
  expect(names).toEqual(files.map(({ name }) => name))
})

test('a long text goes in order into messages that the server takes', async () => {
  const to = await resolve(channel('lab'))
  const text = Array.from({ length: 3000 }, (_, index) => `line ${index} 😀\0`).join('\n')
  await chat.deliver(
    deliveryTo(to, { blocks: [{ type: 'text', text }] }),
    new MemoryCheckpoint(),
    SIGNAL,
  )
  const posts = server.messages(to.lane)
  expect(posts.length).toBeGreaterThan(1)
  expect(
    posts
      .map(({ message }) => message)
      .join('\n')
      .match(/line \d+/g),
  ).toHaveLength(3000)
})

test('replies of a thread hang on its root, also on one that is gone', async () => {
  const to = await resolve(channel('lab'))
  const root = await chat.deliver(deliveryTo(to), new MemoryCheckpoint(), SIGNAL)
  const reply = deliveryTo(to, { thread: root.thread })
  expect((await chat.deliver(reply, new MemoryCheckpoint(), SIGNAL)).thread).toBe(root.thread)
  expect(server.messages(to.lane)[1]?.root_id).toBe(root.messages[0]?.id)
  const gone = server.messages(to.lane)[0]
  if (gone) gone.delete_at = 1
  const late = deliveryTo(to, { thread: root.thread })
  const alone = await chat.deliver(late, new MemoryCheckpoint(), SIGNAL)
  expect(alone.thread).toBe(alone.messages[0]?.id)
})

const own = (status: number, id: string) => ({ kind: 'refusal', status, id }) as const
const other = (status: number, body: string, headers = {}) =>
  ({ kind: 'answer', status, body, headers }) as const

test.each([
  ['401', own(401, 'api.context.session_expired.app_error'), 401, true, undefined],
  ['403', own(403, 'api.context.permissions.app_error'), 403, false, undefined],
  ['404', own(404, 'app.channel.get.existing.app_error'), 404, false, undefined],
  ['404 of a route', own(404, 'api.context.404.app_error'), 0, true, undefined],
  ['413', own(413, 'api.context.request_body_too_large.app_error'), 413, false, undefined],
  ['413 of a proxy', other(413, '<html>'), 413, false, undefined],
  ['429', other(429, 'limit exceeded\n', { 'retry-after': '3' }), 429, true, 3000],
  ['429 for a day', other(429, '', { 'retry-after': '86400' }), 429, true, 3_600_000],
  ['500', own(500, ''), 500, true, undefined],
  ['502 of a proxy', other(502, '<html>'), 0, true, undefined],
  ['500 pending', own(500, 'api.post.deduplicate_create_post.pending'), 500, true, 1000],
] as const)(
  '%s: the outbox learns whether and when to try again',
  async (_, fault, status, retryable, retryAfterMs) => {
    const to = await resolve(channel('lab'))
    server.fail('POST', /^\/posts$/, fault)
    const checkpoint = new MemoryCheckpoint()
    const delivery = deliveryTo(to)
    const error = await refusal(chat.deliver(delivery, checkpoint, SIGNAL))
    expect(error).toMatchObject({ status, retryable, retryAfterMs })
    expect(error.message).not.toContain(server.token)
    await chat.deliver(delivery, checkpoint, SIGNAL)
    expect(server.messages(to.lane)).toHaveLength(1)
    expect(server.sent('POST', /^\/posts$/)).toHaveLength(2)
  },
)

test.each(['hang', 'reset'] as const)(
  '%s: nothing was done, the next attempt posts once',
  async (kind) => {
    chat = connect({ timeouts: { request: 300, upload: 300 } })
    const to = await resolve(channel('lab'))
    server.fail('POST', /^\/posts$/, { kind })
    const checkpoint = new MemoryCheckpoint()
    const delivery = deliveryTo(to)
    expect(await refusal(chat.deliver(delivery, checkpoint, SIGNAL))).toMatchObject({
      status: 0,
      retryable: true,
    })
    await chat.deliver(delivery, checkpoint, SIGNAL)
    expect(server.messages(to.lane)).toHaveLength(1)
  },
)

test.each([
  ['within the window', 10_000, false],
  ['within the window, after a restart of the server', 10_000, true],
  ['after the window', 40_000, false],
  ['a day later', 86_400_000, true],
])('an answer lost on the way is not posted twice: %s', async (_, later, restarted) => {
  const to = await resolve(channel('lab'))
  server.fail('POST', /^\/posts$/, { kind: 'reset mid-body' })
  const checkpoint = new MemoryCheckpoint()
  const delivery = deliveryTo(to, { files: [png('a.png')] })
  expect(await refusal(chat.deliver(delivery, checkpoint, SIGNAL))).toMatchObject({
    retryable: true,
  })
  clock += later
  if (restarted) server.state.forgetKeys()
  const delivered = await chat.deliver(delivery, checkpoint, SIGNAL)
  expect(server.messages(to.lane).map(({ id }) => id)).toEqual([delivered.messages[0]?.id])
  expect(server.sent('POST', /^\/files/)).toHaveLength(1)
})

test('a message still on its way is sent again with the same key', async () => {
  const to = await resolve(channel('lab'))
  server.fail('POST', /^\/posts$/, own(500, 'api.post.deduplicate_create_post.pending'))
  const checkpoint = new MemoryCheckpoint()
  const delivery = deliveryTo(to)
  await refusal(chat.deliver(delivery, checkpoint, SIGNAL))
  clock += 1000
  await chat.deliver(delivery, checkpoint, SIGNAL)
  const keys = server
    .sent('POST', /^\/posts$/)
    .map(({ json }) => (isRecord(json) ? json.pending_post_id : undefined))
  expect(keys).toEqual([expect.stringContaining(server.bot.id), keys[0]])
})

test('an attempt cut off at any step goes on there: each file and each message arrives once', async () => {
  const to = await resolve(channel('lab'))
  const files = Array.from({ length: 12 }, (_, index) => png(`${index}.png`))
  const whole = new MemoryCheckpoint()
  await chat.deliver(deliveryTo(to, { files }), whole, SIGNAL)
  // As after a kill: only the committed steps are known, and the attempt had begun one more.
  for (let steps = 0; steps < whole.steps.length; steps++) {
    const delivery = deliveryTo(to, { files })
    const before = server.messages(to.lane).length
    const dying = new MemoryCheckpoint(steps)
    await expect(chat.deliver(delivery, dying, SIGNAL)).rejects.toBe(MemoryCheckpoint.KILLED)
    await chat.deliver(delivery, new MemoryCheckpoint(Infinity, dying.steps), SIGNAL)
    const posts = server.messages(to.lane).slice(before)
    expect(posts.map(({ file_ids }) => file_ids?.length)).toEqual([10, 2])
  }
})

test('files that the server dropped are sent once more, and named if dropped again', async () => {
  const to = await resolve(channel('lab'))
  const files = [png('a.png'), png('b.png')]
  server.fail('POST', /^\/posts$/, { kind: 'drop files', names: ['b.png'] })
  await chat.deliver(deliveryTo(to, { files }), new MemoryCheckpoint(), SIGNAL)
  expect(server.messages(to.lane).map(({ file_ids }) => file_ids?.length)).toEqual([1, 1])

  server.fail('POST', /^\/posts$/, { kind: 'drop files', names: ['b.png'] }, 2)
  const delivered = await chat.deliver(deliveryTo(to, { files }), new MemoryCheckpoint(), SIGNAL)
  expect(delivered.leftOut).toEqual(['b.png'])
  expect(server.messages(to.lane).at(-1)?.message).toBe(
    '**alice** · *Mattermost did not keep: b.png*',
  )
})

test('a file that Mattermost refuses is named in the post, the rest arrives', async () => {
  const to = await resolve(channel('lab'))
  server.fail('POST', /^\/files/, own(400, 'api.file.upload_file.large_image_detailed.app_error'))
  const files = [png('huge.png'), png('b.png')]
  const delivered = await chat.deliver(deliveryTo(to, { files }), new MemoryCheckpoint(), SIGNAL)
  expect(delivered.leftOut).toEqual(['huge.png: too many pixels for Mattermost'])
  const [post] = server.messages(to.lane)
  expect(post?.file_ids).toHaveLength(1)
  expect(post?.message).toContain('*left out: huge.png: too many pixels for Mattermost*')
})

test('an aborted delivery ends at once and can be tried again', async () => {
  const to = await resolve(channel('lab'))
  server.fail('POST', /^\/posts$/, { kind: 'hang' })
  const stop = new AbortController()
  const work = refusal(chat.deliver(deliveryTo(to), new MemoryCheckpoint(), stop.signal))
  await server.arrived('POST', /^\/posts$/)
  stop.abort()
  expect(await work).toMatchObject({ retryable: true })
})

const QUIET = { note: () => undefined, monotonic: () => 0 }

test('a request that is aborted before it begins fails as one that can be tried again', async () => {
  const api = new MattermostApi({
    url: server.url,
    token: () => 't',
    timeouts: TIMEOUTS,
    ...QUIET,
  })
  const over = api.post('/posts', { message: 'late' }, z.unknown(), AbortSignal.abort())
  expect(await refusal(over)).toMatchObject({ retryable: true })
  // If nobody listens to a body that fails, the process ends one turn later.
  await new Promise((later) => setImmediate(later))
})

test('mentions of everybody reach the chat muted', async () => {
  const to = await resolve(channel('lab'))
  const blocks = [
    { type: 'message', text: '@bob @all' } as const,
    { type: 'markdown', text: '@bob' } as const,
  ]
  await chat.deliver(deliveryTo(to, { blocks }), new MemoryCheckpoint(), SIGNAL)
  expect(server.messages(to.lane)[0]?.message).toBe(
    '**alice** · via jupyterpost\n\n@bob @\u200ball\n\n@\u200bbob',
  )
})
