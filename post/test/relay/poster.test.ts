// The way of a post through limits, spool and relay, with a relay that goes away and comes back:
// docs/spec.md 4.2.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  existsSync,
  readdirSync,
  readFileSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { RelayPoster } from '../../relay/poster.ts'
import type { PosterOptions } from '../../relay/poster.ts'
import type { Post } from '../../contract/schema.ts'
import { Spool } from '../../relay/spool.ts'
import { relayProgram, testFolder } from '../helpers/folder.ts'
import type { TestFolder } from '../helpers/folder.ts'
import { answer, problem, startStandIn } from '../helpers/relay.ts'
import type { Misbehaviour, StandIn } from '../helpers/relay.ts'

let relay: StandIn
let folder: TestFolder
let posters: RelayPoster[] = []

beforeEach(async () => {
  relay = await startStandIn()
  folder = testFolder({ JUPYTERPOST_URL: relay.url, JUPYTERPOST_TOKEN: 'secret-token' })
})

afterEach(async () => {
  for (const poster of posters) poster.close()
  posters = []
  await relay.close()
  folder.remove()
})

function newPoster(options: Partial<PosterOptions> = {}): RelayPoster {
  const poster = new RelayPoster({ env: folder.env, relayProgram, ...options })
  posters.push(poster)
  return poster
}

function message(text: string, target = '@me'): Post {
  return {
    targets: [target],
    blocks: [{ type: 'message', text }],
    files: [{ name: 'a.bin', mimetype: 'application/octet-stream', bytes: Buffer.from(text) }],
  }
}

const texts = (): string[] =>
  relay.taken.map(({ manifest }) =>
    manifest.blocks.map((block) => ('text' in block ? block.text : '')).join(),
  )

async function away<T>(work: () => Promise<T>): Promise<T> {
  const port = Number(new URL(relay.url).port)
  const { taken } = relay
  await relay.close()
  const result = await work()
  relay = await startStandIn(port)
  relay.taken.push(...taken)
  return result
}

const spoolFolder = (): string => join(folder.path, 'state/jupyterpost/spool')
const spooled = (): string[] => readdirSync(spoolFolder()).filter((name) => name.endsWith('.post'))

test('a post is accepted with what the relay said', async () => {
  const receipt = await newPoster().post(message('hi'))
  expect(receipt).toMatchObject({ kind: 'accepted', posts: [{ destination: '@me (stand-in)' }] })
})

test('posts that are started together arrive in their order', async () => {
  const poster = newPoster()
  await Promise.all(['a', 'b', 'c', 'd'].map((text) => poster.post(message(text))))
  expect(texts()).toEqual(['a', 'b', 'c', 'd'])
})

test('while the relay is away posts wait on disk, private and without the token, and are sent once and in order', async () => {
  const poster = newPoster()
  await away(async () => {
    const receipt = await poster.post(message('one'))
    expect(receipt).toMatchObject({
      kind: 'spooled',
      targets: ['@me'],
      reason: expect.stringContaining('refuses connections'),
    })
    await poster.post(message('two'))
  })
  expect(statSync(spoolFolder()).mode & 0o777).toBe(0o700)
  for (const name of spooled()) {
    expect(statSync(join(spoolFolder(), name)).mode & 0o777).toBe(0o600)
    expect(readFileSync(join(spoolFolder(), name), 'utf8')).not.toContain('secret-token')
  }
  // Another program is next, for example the next kernel.
  const receipt = await newPoster().post(message('three'))
  expect(receipt).toMatchObject({
    kind: 'accepted',
    notices: ['2 waiting posts were sent'],
  })
  expect(texts()).toEqual(['one', 'two', 'three'])
  expect(relay.taken.map(({ files }) => files[0]?.bytes.toString())).toEqual([
    'one',
    'two',
    'three',
  ])
  expect(spooled()).toEqual([])
}, 20_000)

test('a kernel that stays sends them by itself when the relay is back', async () => {
  const told = Promise.withResolvers<string>()
  const poster = newPoster({ resendMs: 50, onResent: told.resolve })
  await away(() => poster.post(message('later')))
  expect(await told.promise).toBe('A waiting post was sent')
  expect(texts()).toEqual(['later'])
}, 20_000)

test('a lost answer does not post twice: the key stays the same in the spool', async () => {
  const poster = newPoster()
  const keys = new Set<string | string[] | undefined>()
  relay.misbehave = (request) => {
    keys.add(request.headers['idempotency-key'])
    request.resume()
    request.once('end', () => request.socket.destroy())
    return undefined
  }
  expect((await poster.post(message('once'))).kind).toBe('spooled')
  relay.misbehave = undefined
  await poster.flush()
  expect(relay.taken).toHaveLength(1)
  expect([...keys]).toEqual([relay.taken[0]?.idempotencyKey])
})

test('a later post to the same target queues behind one that the relay does not take yet; another target does not wait', async () => {
  const poster = newPoster()
  await away(() => poster.post(message('first')))
  relay.misbehave = (request, response) => {
    // The relay takes no posts to @me now.
    relay.misbehave = undefined
    return answer(429, '', { 'retry-after': '60' })(request, response)
  }
  expect((await poster.post(message('second'))).kind).toBe('spooled')
  relay.misbehave = (request, response) => {
    relay.misbehave = undefined
    return answer(429, '', { 'retry-after': '60' })(request, response)
  }
  expect((await poster.post(message('elsewhere', 'lab'))).kind).toBe('accepted')
  await poster.flush()
  expect(texts()).toEqual(['elsewhere', 'first', 'second'])
}, 20_000)

test('entries of another relay or person are not sent', async () => {
  await away(() => newPoster().post(message('mine')))
  const other = newPoster({ env: { ...folder.env, JUPYTERHUB_USER: 'eve' } })
  expect(await other.flush()).toMatchObject({ sent: [] })
  await other.post(message('hers'))
  expect(texts()).toEqual(['hers'])
  expect(spooled()).toHaveLength(1)
}, 20_000)

test('an entry that the relay refuses for good is dropped with its reason, and the next one is sent', async () => {
  const poster = newPoster()
  await away(async () => {
    await poster.post(message('bad', 'gone'))
    await poster.post(message('good'))
  })
  relay.misbehave = (request, response) => {
    relay.misbehave = undefined
    return problem(404, 'unknown_target', 'There is no ~gone')(request, response)
  }
  const { notices, sent } = await poster.flush()
  expect(notices).toEqual([
    expect.stringMatching(/to gone was refused and dropped: There is no ~gone/),
  ])
  expect(sent).toHaveLength(1)
  expect(texts()).toEqual(['good'])
}, 20_000)

/**
 * Spools `bad`.
 * @returns A reply that fails at this post alone from now on, like a relay with a bug.
 */
async function failingAt(poster: RelayPoster, bad: Post): Promise<Misbehaviour> {
  const keys = new Set<string | string[] | undefined>()
  relay.misbehave = (request, response) => {
    keys.add(request.headers['idempotency-key'])
    return answer(500, 'oops')(request, response)
  }
  expect((await poster.post(bad)).kind).toBe('spooled')
  return (request, response) =>
    keys.has(request.headers['idempotency-key']) ? answer(500, 'oops')(request, response) : 'take'
}

test('a post that the relay cannot take is set aside once it takes another, and blocks nothing', async () => {
  const poster = newPoster()
  relay.misbehave = await failingAt(poster, message('bad'))
  // It waits behind the first one for now.
  expect((await poster.post(message('next'))).kind).toBe('spooled')
  const flushed = await poster.flush()
  expect(flushed.sent).toHaveLength(1)
  expect(flushed.away).toBeUndefined()
  expect(flushed.notices).toEqual([
    expect.stringMatching(
      /to @me is set aside: the relay at .* says 500 .*, but it takes other posts\./,
    ),
  ])
  expect(await poster.post(message('third'))).toMatchObject({ kind: 'accepted', notices: [] })
  expect(texts()).toEqual(['next', 'third'])
  expect(await poster.spool.entries()).toEqual([])
  expect(await poster.spool.all()).toMatchObject([{ isAside: true }])
  relay.misbehave = undefined
  await poster.spool.resume()
  await poster.flush()
  expect(texts()).toEqual(['next', 'third', 'bad'])
  expect(await poster.spool.all()).toEqual([])
}, 30_000)

test('a post to another target that the relay takes shows too which one is to blame', async () => {
  const poster = newPoster()
  relay.misbehave = await failingAt(poster, message('bad'))
  expect(await poster.post(message('elsewhere', 'lab'))).toMatchObject({
    kind: 'accepted',
    notices: [expect.stringContaining('to @me is set aside')],
  })
  expect(await poster.post(message('next'))).toMatchObject({ kind: 'accepted', notices: [] })
  expect(texts()).toEqual(['elsewhere', 'next'])
}, 30_000)

test('a relay that fails at every post keeps all of them waiting, in their order', async () => {
  const poster = newPoster()
  relay.misbehave = answer(500, 'oops')
  for (let n = 0; n < 7; n += 1) await poster.spool.add(message(`${n}`), poster.owner(), 'away')
  expect(await poster.flush()).toMatchObject({ sent: [], notices: [], away: expect.any(String) })
  relay.misbehave = undefined
  await poster.flush()
  expect(texts()).toEqual(['0', '1', '2', '3', '4', '5', '6'])
}, 30_000)

test('a refused token keeps what waits', async () => {
  const poster = newPoster()
  await away(() => poster.post(message('kept')))
  relay.misbehave = answer(403, '')
  await expect(poster.flush()).rejects.toMatchObject({ code: 'bad_token' })
  expect(spooled()).toHaveLength(1)
}, 20_000)

test.each([
  [424, 'chat_refuses', 'The token of the bot is wrong'],
  [403, 'identity_not_linked', 'No account is linked'],
])(
  '%i %s is not about the post: it waits, and those behind it to its target',
  async (status, code, detail) => {
    const poster = newPoster()
    for (const [text, target] of [
      ['first', 'lab'],
      ['second', 'lab'],
      ['elsewhere', 'inbox:@me'],
    ] as const)
      await poster.spool.add(message(text, target), poster.owner(), 'away')
    let asked = 0
    relay.misbehave = (request, response) => {
      asked += 1
      // Only the first is refused: a second one sent would be taken.
      return asked === 1 ? problem(status, code, detail)(request, response) : 'take'
    }
    expect(await poster.flush()).toMatchObject({ notices: [], away: detail })
    expect(texts()).toEqual(['elsewhere'])
    expect(spooled()).toHaveLength(2)
    relay.misbehave = problem(status, code, detail)
    expect(await poster.post(message('third', 'lab'))).toMatchObject({
      kind: 'spooled',
      reason: detail,
    })
    relay.misbehave = undefined
    expect(await poster.post(message('fourth', 'lab'))).toMatchObject({ kind: 'accepted' })
    expect(texts()).toEqual(['elsewhere', 'first', 'second', 'third', 'fourth'])
  },
  20_000,
)

test.each([
  [403, 'wrong_host'],
  [403, 'not_granted'],
  [404, 'not_found'],
  [403, 'a_code_of_a_newer_relay'],
])(
  '%i %s is not about the post: all posts wait',
  async (status, code) => {
    const poster = newPoster()
    for (const text of ['a', 'b']) await poster.spool.add(message(text), poster.owner(), 'away')
    relay.misbehave = problem(status, code, 'No')
    await expect(poster.flush()).rejects.toMatchObject({ code })
    relay.misbehave = undefined
    await poster.flush()
    expect(texts()).toEqual(['a', 'b'])
  },
  20_000,
)

test('a refused post is not spooled', async () => {
  relay.misbehave = answer(401, '')
  await expect(newPoster().post(message('no'))).rejects.toMatchObject({ code: 'bad_token' })
  expect(() => spooled()).toThrow(/ENOENT/)
})

test.each([
  ['before the relay has the post', undefined],
  ['after the relay has the post, before the answer', 'take' as const],
])(
  'a sender killed %s leaves each post sent or waiting, and none twice',
  async (_name, fate) => {
    const poster = newPoster()
    for (const text of ['a', 'b', 'c'])
      await poster.spool.add(message(text), poster.owner(), 'away')
    const extension = import.meta.url.split('.').at(-1)
    const program = fileURLToPath(new URL(`../fixtures/flush.${extension}`, import.meta.url))
    const child = spawn(process.execPath, [program], { env: folder.env, stdio: 'ignore' })
    const exited = once(child, 'exit')
    let posts = 0
    relay.misbehave = (request) => {
      posts += 1
      if (posts !== 2) return 'take'
      child.kill('SIGKILL')
      if (fate === undefined) request.socket.destroy()
      return fate
    }
    expect(await exited).toEqual([null, 'SIGKILL'])
    relay.misbehave = undefined
    // The lock of a killed process is free.
    expect((await poster.flush()).away).toBeUndefined()
    expect(texts()).toEqual(['a', 'b', 'c'])
    expect(spooled()).toEqual([])
  },
  20_000,
)

test('two programs send the spool at once: each post arrives once', async () => {
  const [one, two] = [newPoster(), newPoster()]
  for (let i = 0; i < 10; i += 1) await one.spool.add(message(String(i)), one.owner(), 'away')
  await Promise.all([one.flush(), two.flush()])
  expect(texts()).toEqual(Array.from({ length: 10 }, (_, i) => String(i)))
})

test('the spool is bounded: what is too old or too much goes, oldest first, and is named', async () => {
  const spool = new Spool(folder.path, { bytes: 2500, age: 3_600_000 })
  const owner = { relay: relay.url, user: 'ada' }
  expect(await spool.add(message('a'.repeat(800)), owner, 'away')).toEqual([])
  expect(await spool.add(message('b'.repeat(800)), owner, 'away')).toEqual([
    expect.stringContaining('the spool is full'),
  ])
  const entries = await spool.entries()
  expect(entries).toHaveLength(1)
  expect(JSON.stringify(entries[0]?.head.manifest)).toContain('bbb')
})

test('of what waits only the heads are read to make room for another post', async () => {
  const spool = new Spool(folder.path, { bytes: 4 * 1024 ** 3, age: 3_600_000 })
  const owner = { relay: relay.url, user: 'ada' }
  await spool.add(message('large'), owner, 'away')
  const path = join(spool.folder, readdirSync(spool.folder)[0] ?? '')
  // A sparse file, larger than Node reads at once.
  const large = 3 * 1024 ** 3
  const head = readFileSync(path, 'utf8').replace('"bytes":5', `"bytes":${large}`).split('\n')[0]
  writeFileSync(path, `${head}\n`)
  truncateSync(path, Buffer.byteLength(head ?? '') + 1 + large)
  expect(await spool.add(message('small'), owner, 'away')).toEqual([])
  expect((await spool.entries()).map(({ bytes }) => bytes > large)).toEqual([true, false])
})

test('half a post of a killed program is removed once it is old', async () => {
  const spool = new Spool(folder.path)
  const owner = { relay: relay.url, user: 'ada' }
  await spool.add(message('first'), owner, 'away')
  const [left, young] = [join(spool.folder, '.1-x.post.part'), join(spool.folder, '.2-y.post.part')]
  for (const path of [left, young]) writeFileSync(path, '{"half": ')
  utimesSync(left, 0, 0)
  await spool.add(message('second'), owner, 'away')
  expect([existsSync(left), existsSync(young)]).toEqual([false, true])
})

test('a file that is none of ours in the spool folder harms nothing', async () => {
  const poster = newPoster()
  await poster.spool.add(message('real'), poster.owner(), 'away')
  const stray = join(spoolFolder(), '00000000000000001-x.post')
  writeFileSync(stray, '{"half": ')
  utimesSync(stray, 0, 0)
  await poster.flush()
  expect(texts()).toEqual(['real'])
})

test.each([
  ['a file', { fileBytes: 3 }, /a\.bin has 1 KB; the relay takes files of up to 1 KB/],
  ['the number of files', { files: 0 }, /1 files; the relay takes 0/],
  ['the text', { textBytes: 3 }, /of text; the relay takes up to/],
  ['all of it', { postBytes: 100 }, /in all; the relay takes up to/],
])(
  '%s over the limit that the relay told is refused before anything is sent',
  async (_name, limits, words) => {
    Object.assign(relay.limits, limits)
    await expect(newPoster().post(message('hello'))).rejects.toThrow(words)
    expect(relay.requests).toEqual(['GET /relay/api/v1/limits'])
  },
)

test('in a hurry a post that the relay does not answer is kept, and sent once by the next program', async () => {
  const ending = newPoster()
  ending.hurry()
  relay.misbehave = () => undefined
  expect(await ending.post(message('last words'))).toMatchObject({ kind: 'spooled' })
  relay.misbehave = undefined
  await newPoster().flush()
  expect(texts()).toEqual(['last words'])
  expect(spooled()).toEqual([])
})

test('in a hurry a post that the relay takes in time is kept nowhere', async () => {
  const ending = newPoster()
  ending.hurry()
  expect(await ending.post(message('last words'))).toMatchObject({ kind: 'accepted' })
  expect(existsSync(spoolFolder()) ? spooled() : []).toEqual([])
})

test('limits are believed of the relay that said them, whoever asks', async () => {
  const other = await startStandIn()
  try {
    relay.limits.files = 3
    other.limits.files = 4
    const poster = newPoster()
    expect((await poster.limits()).files).toBe(3)
    folder.env.JUPYTERPOST_URL = other.url
    expect((await poster.limits()).files).toBe(4)
    folder.env.JUPYTERHUB_USER = 'somebody-else'
    other.limits.files = 5
    expect((await poster.limits()).files).toBe(4)
    expect(other.requests).toEqual(['GET /relay/api/v1/limits'])
  } finally {
    await other.close()
  }
})
