// `api/v1/watches` over real HTTP: renewals wait, and end at once when there is a command, when the
// relay closes, or when the client goes.
import { createServer } from 'node:http'
import { randomUUID } from 'node:crypto'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import express from 'express'

import { WatchState } from '../../../post/contract/watch.ts'
import { RelayError } from '../../errors.ts'
import { createLog } from '../../log.ts'
import { guard } from '../../routes/guard.ts'
import { LongPolls } from '../../routes/long-poll.ts'
import { problemHandler } from '../../routes/problem.ts'
import { watchesRouter } from '../../routes/watches.ts'
import { until } from '../../../test/helpers/until.ts'
import { endingRelay } from '../helpers/ending-relay.ts'
import { authorized, listening, temporaryFolder } from '../helpers/relay.ts'
import { ADA, BOB, WatchBench } from '../helpers/watches.ts'

const MANIFEST = { targets: ['lab'], source: { executionCount: 1 }, runningMs: 10, posts: [] }

let bench: WatchBench
let polls: LongPolls
let server: ReturnType<typeof createServer>
let url: string
/** Number of requests that wait. */
let waits: number
beforeEach(async () => {
  bench = new WatchBench()
  await bench.open()
  waits = 0
  const onChange = bench.watches.onChange.bind(bench.watches)
  bench.watches.onChange = (listener) => {
    const end = onChange(listener)
    waits += 1
    return () => {
      waits -= 1
      return end()
    }
  }
  polls = new LongPolls()
  const gate = {
    async identify(headers: { authorization?: string | undefined }) {
      const person = [ADA, BOB].find(({ name }) => headers.authorization === `token ${name}`)
      if (!person) throw new RelayError('bad_token', 'Unknown token')
      return person
    },
  }
  const app = express()
  const guardWrite = guard(gate, 'write', async () => undefined)
  app.use('/', watchesRouter({ watches: bench.watches, polls, guardWrite }))
  app.use(problemHandler(createLog('silent')))
  server = createServer(app)
  url = `http://127.0.0.1:${await listening(server)}/`
})
afterEach(async () => {
  polls.close()
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
  await bench.close()
})

function ask(method: string, path: string, body?: unknown, token = 'ada', signal?: AbortSignal) {
  return fetch(new URL(path, url), {
    method,
    headers: { authorization: `token ${token}`, 'content-type': 'application/json' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
    ...(signal && { signal }),
  })
}

async function watched(posts: string[] = []): Promise<string> {
  const id = randomUUID()
  const answer = await ask('PUT', id, { ...MANIFEST, posts })
  expect(answer.status).toBe(200)
  expect(await answer.json()).toEqual({ leaseMs: 180_000, commands: [] })
  return id
}

/** Resolves when this many requests wait. */
const waiting = (count: number) =>
  until(() => waits === count, `${count} requests wait`, { saw: () => waits })

test('a renewal without wait is answered at once', async () => {
  const id = await watched()
  const answer = await ask('GET', `${id}/commands?after=0`)
  expect(await answer.json()).toEqual({ leaseMs: 180_000, commands: [] })
})

test('a renewal that waits is answered as soon as something is said', async () => {
  const post = await bench.post(ADA, 'lab')
  const id = await watched([post])
  const asked = ask('GET', `${id}/commands?after=0&wait=30`)
  await waiting(1)
  await bench.watches.hearer.heard('script', {
    id: 'm1',
    lane: 'lab',
    thread: post,
    direct: false,
    account: 'id-of-ada',
    text: 'stop',
    at: bench.clock.ms,
  })
  const { commands } = WatchState.parse(await (await asked).json())
  expect(commands).toEqual([{ seq: 1, command: 'stop', post }])
  const next = await ask('GET', `${id}/commands?after=1`)
  expect(WatchState.parse(await next.json()).commands).toEqual([])
})

test('renewals that wait end when the relay closes', async () => {
  const id = await watched()
  const asked = ask('GET', `${id}/commands?wait=30`)
  await waiting(1)
  polls.close()
  expect((await asked).status).toBe(200)
})

test('a client that goes leaves nothing behind', async () => {
  const id = await watched()
  const gone = new AbortController()
  const asked = ask('GET', `${id}/commands?wait=30`, undefined, 'ada', gone.signal)
  await waiting(1)
  gone.abort()
  await expect(asked).rejects.toThrow('aborted')
  await waiting(0)
})

test('a renewal that waits ends with its watch', async () => {
  const id = await watched()
  const asked = ask('GET', `${id}/commands?wait=30`)
  await waiting(1)
  expect((await ask('DELETE', id)).status).toBe(204)
  expect((await asked).status).toBe(404)
})

test('the watch of another person is unknown', async () => {
  const id = await watched()
  for (const answer of [
    await ask('PUT', id, MANIFEST, 'bob'),
    await ask('GET', `${id}/commands`, undefined, 'bob'),
    await ask('DELETE', id, undefined, 'bob'),
    await ask('DELETE', randomUUID()),
  ]) {
    expect(answer.status).toBe(404)
    expect(await answer.json()).toMatchObject({ code: 'unknown_watch' })
  }
})

const ID = '8068b04c-e2db-4eb2-8238-faf0823049f4'
test.each<[string, string, unknown]>([
  ['PUT', 'no-uuid', MANIFEST],
  ['PUT', ID, { ...MANIFEST, targets: [] }],
  ['PUT', ID, { ...MANIFEST, runningMs: -1 }],
  ['PUT', ID, { ...MANIFEST, runningMs: 1e18 }],
  ['PUT', ID, { ...MANIFEST, posts: Array.from({ length: 21 }, (_, n) => `${n}`) }],
  ['PUT', ID, undefined],
  ['GET', `${ID}/commands?after=x`, undefined],
])('%s %s with %j is a bad request', async (method, path, body) => {
  const answer = await ask(method, path, body)
  expect(answer.status).toBe(400)
  expect(await answer.json()).toMatchObject({ code: 'bad_request' })
})

test('the relay has the route, wants a token, and stays while a cell is watched', async () => {
  using folder = temporaryFolder()
  await using local = await endingRelay(folder.env)
  const id = randomUUID()
  const request = (method: string, headers: Record<string, string>) =>
    fetch(new URL(`api/v1/watches/${id}`, local.url), {
      method,
      headers: { ...headers, 'content-type': 'application/json' },
      ...(method === 'PUT' && { body: JSON.stringify({ ...MANIFEST, targets: ['@me'] }) }),
    })
  expect((await request('PUT', {})).status).toBe(403)
  expect((await request('PUT', authorized(local.token))).status).toBe(200)
  expect(local.looks()).toBe('needed')
  expect((await request('DELETE', authorized(local.token))).status).toBe(204)
  await until(() => local.looks() === 'idle', 'the relay ends')
})
