// Event streams over real sockets: how many one person may have, and what readers that do not read
// cost.
import { createServer } from 'node:http'
import { connect } from 'node:net'
import express from 'express'
import { afterEach, expect, test } from '@jest/globals'
import type { ReadPost } from '../../../post/contract/schema.ts'
import type { Gate } from '../../hub/gate.ts'
import { EventStreams } from '../../routes/events.ts'
import { guard } from '../../routes/guard.ts'
import { until } from '../../../test/helpers/until.ts'
import { listening } from '../helpers/relay.ts'

const MEGABYTE = 1024 * 1024
const LARGE: ReadPost = {
  id: 'a',
  target: '@me',
  destination: 'your inbox',
  status: 'delivered',
  notices: [],
  from: 'ada',
  service: 'inbox',
  blocks: [{ type: 'message', text: 'x'.repeat(MEGABYTE) }],
  source: {},
  files: [],
  acceptedAt: '2026-01-01T00:00:00.000Z',
}

const ends: (() => void)[] = []

afterEach(() => {
  for (const end of ends.splice(0)) end()
})

/** The streams of a relay with so many large posts; `read` counts those that were read. */
async function streams(posts: number) {
  const read = { posts: 0 }
  const gate: Gate = {
    identify: async ({ authorization = '' }) => ({ name: authorization, groups: [] }),
  }
  const events = new EventStreams({
    feed: {
      changes: (_person, after, limit) => {
        const from = Number(after)
        const to = Math.min(posts, from + limit)
        const changes = Array.from({ length: to - from }, (_, n) => {
          return { cursor: `${from + n + 1}`, id: 'a' }
        })
        return { changes, cursor: `${to}` }
      },
      read: () => {
        read.posts += 1
        return LARGE
      },
      isGone: () => false,
    },
    outbox: { cursor: () => '0', onChange: () => () => undefined },
    gate,
  })
  const app = express()
  const who = guard(gate, 'read', async () => undefined)
  app.get('/', who, (request, response) => events.serve(request, response))
  const server = createServer(app)
  const port = await listening(server)
  ends.push(
    () => server.closeAllConnections(),
    () => server.close(),
  )
  return { port, read, events }
}

/** A reader that asks for the stream, and takes nothing of it until it is told to. */
function sleeper(port: number, name: string) {
  const socket = connect(port, '127.0.0.1')
  ends.push(() => socket.destroy())
  socket.pause()
  socket.write(`GET / HTTP/1.1\r\nHost: x\r\nAuthorization: ${name}\r\n\r\n`)
  let text = ''
  let size = 0
  socket.setEncoding('latin1').on('data', (part: string) => {
    text = (text + part).slice(-1000)
    size += part.length
  })
  // `data` makes it flow.
  socket.pause()
  return { socket, text: () => text, posts: () => Math.floor(size / MEGABYTE) }
}

test('readers that do not read cost a few posts in memory, all together, and miss none', async () => {
  const { port, read, events } = await streams(50)
  const own = Array.from({ length: 20 }, () => sleeper(port, 'ada'))
  await until(() => events.size === 20, 'all streams are open')
  const other = sleeper(port, 'bob')
  other.socket.resume()
  // The other reader gets everything meanwhile.
  await until(() => other.posts() >= 50, 'bob has all posts', { saw: () => other.posts() })
  // A connection of loopback takes up to 6 MB by itself; what is behind it waits in the relay.
  expect(read.posts - 50).toBeLessThan(20 * 6 + 10)
  // Those that go on sleeping do not hold up one that is awake.
  const woken = own.at(-1)
  woken?.socket.resume()
  await until(() => woken?.posts() === 50, 'the reader that woke has all', {
    saw: () => [woken?.posts(), read.posts],
  })
}, 30_000)

test('the 21st stream of a person closes the oldest, with the reason', async () => {
  const { port, events } = await streams(0)
  const first = sleeper(port, 'ada')
  first.socket.resume()
  await until(() => first.text().includes('retry: 2000'), 'the first is open')
  const others = Array.from({ length: 20 }, () => sleeper(port, 'ada'))
  for (const { socket } of others) socket.resume()
  await until(() => first.text().includes('event: closed'), 'the first is closed')
  expect(first.text()).toContain(
    'retry: 60000\nevent: closed\ndata: {"why":"At most 20 event streams of one person are open at once',
  )
  await until(() => others.every(({ text }) => text().includes('retry: 2000')), 'others are open')
  expect(others.some(({ text }) => text().includes('closed'))).toBe(false)
  expect(events.size).toBe(20)
})
