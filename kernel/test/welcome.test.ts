// JEP 65: a client that subscribes to iopub reads the welcome first, however busy the kernel is.
import { setImmediate } from 'node:timers/promises'
import { expect, test } from '@jest/globals'
import { Subscriber } from 'zeromq'
import { openChannels } from '../src/channels/channels.ts'
import { endpoint, parseConnection } from '../src/protocol/connection.ts'
import { connectionFile } from './helpers/kernel.ts'

const CLIENTS = 40

test('the welcome is the first message of each subscription while the kernel publishes', async () => {
  const channels = await openChannels(
    parseConnection(connectionFile()),
    () => undefined,
    () => undefined,
  )
  const address = endpoint(channels.connection, 'iopub')
  const over = new AbortController()
  const publishing = (async () => {
    while (!over.signal.aborted) {
      channels.iopub.status('busy')
      await setImmediate()
    }
  })()
  const first: string[] = []
  for (let client = 0; client < CLIENTS; client++) {
    const socket = new Subscriber({ linger: 0 })
    socket.connect(address)
    socket.subscribe()
    const frames = await socket.receive()
    const header: unknown = JSON.parse(String(frames[3]))
    first.push(
      typeof header === 'object' && header !== null && 'msg_type' in header
        ? String(header.msg_type)
        : 'none',
    )
    socket.close()
  }
  over.abort()
  await publishing
  await channels.close()
  expect(first).toEqual(first.map(() => 'iopub_welcome'))
  expect(first).toHaveLength(CLIENTS)
})

test('a topic is not heard any more after its subscription ended', async () => {
  const channels = await openChannels(
    parseConnection(connectionFile()),
    () => undefined,
    () => undefined,
  )
  const socket = new Subscriber({ linger: 0 })
  socket.connect(endpoint(channels.connection, 'iopub'))
  const topic = `kernel.${channels.session}.status`
  socket.subscribe(topic)
  expect(typeOf(await socket.receive())).toBe('iopub_welcome')
  channels.iopub.status('busy')
  expect(typeOf(await socket.receive())).toBe('status')
  socket.unsubscribe(topic)
  socket.subscribe('other')
  expect(typeOf(await socket.receive())).toBe('iopub_welcome')
  channels.iopub.status('idle')
  socket.subscribe(`kernel.${channels.session}.display_data`)
  expect(typeOf(await socket.receive())).toBe('iopub_welcome')
  socket.close()
  await channels.close()
})

function typeOf(frames: Buffer[]): string | undefined {
  return /"msg_type":"(\w+)"/.exec(String(frames[3]))?.[1]
}
