// How the client reads each answer of a relay: docs/spec.md 4.1.
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { getEventListeners } from 'node:events'
import { createServer as createHttpServer } from 'node:http'
import { createServer } from 'node:net'
import { until, within } from '../../../test/helpers/until.ts'
import { submitPost } from '../../relay/client.ts'
import { PostError } from '../../contract/error.ts'
import { RelayAway } from '../../relay/http.ts'
import type { Relay } from '../../relay/http.ts'
import type { Post } from '../../contract/schema.ts'
import { answer, listen, problem, startStandIn } from '../helpers/relay.ts'
import type { Misbehaviour, StandIn } from '../helpers/relay.ts'

let standIn: StandIn
let relay: Relay

beforeEach(async () => {
  standIn = await startStandIn()
  relay = { url: new URL(standIn.url), token: 'secret-token' }
})

afterEach(() => standIn.close())

const post: Post = {
  targets: ['@me', 'lab'],
  blocks: [
    { type: 'message', text: 'grüße 🎉' },
    { type: 'image', file: 0 },
  ],
  files: [
    { name: 'plot ü.png', mimetype: 'image/png', bytes: Buffer.from([0x89, 1, 2, 0, 255]) },
    { name: 'b.bin', mimetype: 'application/octet-stream', bytes: new Uint8Array(300_000).fill(7) },
  ],
  thread: 'run 7',
}

test('a post arrives whole: manifest, files in order, token and key in headers', async () => {
  const accepted = await submitPost(relay, post, { idempotencyKey: 'key-1' })
  expect(accepted.posts.map(({ target }) => target)).toEqual(['@me', 'lab'])
  const [received] = standIn.taken
  const { files, ...manifest } = post
  expect(received?.manifest).toEqual(manifest)
  expect(received?.authorization).toBe('token secret-token')
  expect(received?.idempotencyKey).toBe('key-1')
  expect(received?.files.map(({ name, mimetype }) => [name, mimetype])).toEqual(
    files.map(({ name, mimetype }) => [name, mimetype]),
  )
  expect(received?.files.map(({ bytes }) => [...bytes])).toEqual(
    files.map(({ bytes }) => [...bytes]),
  )
})

async function failureOf(misbehaviour: Misbehaviour): Promise<unknown> {
  standIn.misbehave = misbehaviour
  return submitPost(relay, post).then(
    () => 'accepted',
    (error: unknown) => error,
  )
}

const breakOff: Misbehaviour = (request) => {
  request.socket.destroy()
  return undefined
}

const HTML = '<!doctype html><title>Login</title>'

describe('refused at once, with one request', () => {
  test.each<[string, Misbehaviour, string, string]>([
    ['302 to a login page', answer(302, '', { location: '/hub/login' }), 'wrong_url', 'redirects'],
    ['307', answer(307, '', { location: 'http://127.0.0.1:1/' }), 'wrong_url', 'redirects'],
    ['200 with HTML', answer(200, HTML), 'wrong_url', 'no JSON'],
    ['200 with other JSON', answer(200, '{"posts": 3}'), 'wrong_url', 'not a relay'],
    ['404 with HTML', answer(404, HTML), 'wrong_url', 'not a relay'],
    ['405 with HTML', answer(405, HTML), 'wrong_url', 'not a relay'],
    ['401', answer(401, ''), 'bad_token', 'refuses this token'],
    ['403 with HTML', answer(403, HTML), 'bad_token', 'stopped and started again'],
    [
      '403 bad_token',
      problem(403, 'bad_token', 'The Hub does not know it'),
      'bad_token',
      'access:services!service=jupyterpost',
    ],
    [
      '403 not_granted',
      problem(403, 'not_granted', 'No grant'),
      'not_granted',
      'stopped and started again',
    ],
    ['413 of a proxy', answer(413, HTML), 'too_large', 'proxy'],
    [
      '413 of the relay',
      problem(413, 'too_large', 'The limit is 3 bytes'),
      'too_large',
      'The limit is 3 bytes',
    ],
    [
      '404 unknown_target',
      problem(404, 'unknown_target', 'No ~labb', { nearest: ['lab'] }),
      'unknown_target',
      'You may post to: lab',
    ],
    [
      '403 not_allowed',
      problem(403, 'not_allowed', 'Not a member of ~x'),
      'not_allowed',
      'Not a member of ~x',
    ],
    [
      '422',
      problem(422, 'idempotency_conflict', 'Used before'),
      'idempotency_conflict',
      'Used before',
    ],
  ])('%s', async (_name, misbehaviour, code, words) => {
    const error = await failureOf(misbehaviour)
    expect(error).toBeInstanceOf(PostError)
    expect(error).toMatchObject({ code })
    expect(String(error)).toContain(words)
    expect(String(error)).not.toContain('secret-token')
    expect(standIn.requests).toHaveLength(1)
    if (code === 'wrong_url') expect(String(error)).toContain(standIn.url)
  })
})

describe('away after three tries, with one key', () => {
  test.each<[string, Misbehaviour]>([
    ['502 with HTML', answer(502, HTML)],
    ['503 with HTML', answer(503, HTML)],
    ['503 hub_away', problem(503, 'hub_away', 'The Hub does not answer')],
    ['500', answer(500, 'oops')],
    ['504', answer(504, HTML)],
    ['507', problem(507, 'storage', 'disk full')],
    ['429 without a time', problem(429, 'too_many', 'slow down')],
    ['a connection that breaks', breakOff],
  ])('%s', async (_name, misbehaviour) => {
    const keys = new Set<unknown>()
    const error = await failureOf((request, response) => {
      keys.add(request.headers['idempotency-key'])
      return misbehaviour(request, response)
    })
    expect(error).toBeInstanceOf(RelayAway)
    expect(standIn.requests).toHaveLength(3)
    expect(keys.size).toBe(1)
  })

  test('429 with a Retry-After beyond the time there is: one try', async () => {
    const error = await failureOf(answer(429, '', { 'retry-after': '60' }))
    expect(error).toMatchObject({ name: 'RelayAway', retryAfterMs: 60_000 })
    expect(standIn.requests).toHaveLength(1)
  })

  test('nothing listens', async () => {
    await standIn.close()
    await expect(submitPost(relay, post)).rejects.toThrow(/refuses connections/)
  })
})

test('a relay that comes back between the tries gets the post once', async () => {
  let failures = 2
  standIn.misbehave = (request, response) => {
    failures -= 1
    if (failures === 0) standIn.misbehave = undefined
    return answer(503, '')(request, response)
  }
  await submitPost(relay, post)
  expect(standIn.taken).toHaveLength(1)
})

test('a relay that takes the post but whose answer is lost has it once', async () => {
  const server = standIn
  server.misbehave = undefined
  // The stand-in stores posts by key, so the same request again is a replay.
  await submitPost(relay, post, { idempotencyKey: 'again' })
  await submitPost(relay, post, { idempotencyKey: 'again' })
  expect(server.taken).toHaveLength(1)
})

test('a relay that never answers is away after ten seconds in all', async () => {
  const server = createServer(() => undefined)
  const port = await listen(server)
  const sockets = new Set<{ destroy(): void }>()
  server.on('connection', (socket) => sockets.add(socket))
  const silent = { url: new URL(`http://127.0.0.1:${port}/`), token: 't' }
  const posting = within(submitPost(silent, post), 'the client gives up', { limit: 14_000 })
  await expect(posting).rejects.toThrow(/did not answer within 10 s/)
  for (const socket of sockets) socket.destroy()
  await new Promise((resolve) => server.close(resolve))
}, 20_000)

describe('an interrupt', () => {
  test('before the body was sent: not sent', async () => {
    const interrupt = new AbortController()
    interrupt.abort()
    await expect(submitPost(relay, post, { signal: interrupt.signal })).rejects.toThrow()
    expect(standIn.requests).toEqual([])
  })

  test('between two tries ends the wait', async () => {
    const interrupt = new AbortController()
    standIn.misbehave = (request, response) => {
      response.once('close', () => interrupt.abort())
      return answer(503, '', { 'retry-after': '5' })(request, response)
    }
    await expect(submitPost(relay, post, { signal: interrupt.signal })).rejects.toMatchObject({
      code: 'interrupted',
    })
  })

  test('while the next try waits is an interrupt, not an aborted operation', async () => {
    const interrupt = new AbortController()
    const listener = () => getEventListeners(interrupt.signal, 'abort')[0]
    let trying: unknown
    standIn.misbehave = (request, response) => {
      trying = listener()
      return answer(503, '', { 'retry-after': '5' })(request, response)
    }
    const posting = submitPost(relay, post, { signal: interrupt.signal })
    const isPausing = () => trying !== undefined && listener() && listener() !== trying
    await until(isPausing, 'something else than the try listens to the interrupt')
    interrupt.abort()
    await expect(posting).rejects.toMatchObject({ name: 'PostError', code: 'interrupted' })
  })

  test('after the body was sent says that it may be stored', async () => {
    const interrupt = new AbortController()
    standIn.misbehave = (request) => {
      request.resume()
      request.once('end', () => interrupt.abort())
      return undefined
    }
    await expect(submitPost(relay, post, { signal: interrupt.signal })).rejects.toThrow(
      /may be stored/,
    )
  })
})

test('a token that a local relay refuses brings advice for a local relay, not for a Hub', async () => {
  const server = createHttpServer((request, response) => {
    request.resume().once('end', () => {
      const detail = 'The token is not the one in relay.json of this relay'
      response
        .writeHead(403, { 'content-type': 'application/problem+json' })
        .end(JSON.stringify({ title: 'Unknown token', status: 403, detail, code: 'bad_token' }))
    })
  })
  const url = new URL(`http://127.0.0.1:${await listen(server)}/`)
  const refused: unknown = await submitPost({ url, token: 'wrong' }, post).catch(
    (error: unknown) => error,
  )
  await new Promise((resolve) => server.close(resolve))
  expect(refused).toMatchObject({
    code: 'bad_token',
    message: expect.stringContaining('JUPYTERPOST_URL=local'),
  })
  expect(String(refused)).not.toContain('access:services')
})
