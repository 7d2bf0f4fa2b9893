// Every message type with a handler that throws, over real sockets: one error reply (none for a
// one-way message) between busy and idle, and the next message is served.
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { openChannels } from '../src/channels/channels.ts'
import type { Channels } from '../src/channels/channels.ts'
import { dispatch } from '../src/dispatch.ts'
import { parseConnection } from '../src/protocol/connection.ts'
import { Client, typesOf } from './helpers/client.ts'
import { connectionFile } from './helpers/kernel.ts'

let channels: Channels
let client: Client
let reading: Promise<unknown>
const log: string[] = []

beforeAll(async () => {
  channels = await openChannels(
    parseConnection(connectionFile()),
    (line) => log.push(line),
    () => undefined,
  )
  const { shell, control, iopub, session } = channels
  const read = async (channel: Channels['shell']): Promise<void> => {
    for await (const message of channel.messages()) {
      const broken = (): never => {
        iopub.stream('stdout', 'before', message)
        throw new RangeError('the handler is broken')
      }
      void dispatch({ message, channel }, broken, {
        iopub,
        session,
        log: (line) => log.push(line),
      })
    }
  }
  reading = Promise.all([read(shell), read(control)])
  client = await new Client(channels.connection).connect()
})

afterAll(async () => {
  client.close()
  await channels.close()
  await reading
})

test.each([
  'kernel_info_request',
  'connect_request',
  'execute_request',
  'is_complete_request',
  'complete_request',
  'inspect_request',
  'history_request',
  'comm_info_request',
  'interrupt_request',
  'shutdown_request',
  'usage_request',
])('%s whose handler throws gets an error reply, its text, and idle', async (type) => {
  for (const channel of ['shell', 'control'] as const) {
    const { reply, iopub } = await client.ask(type, { code: '1' }, channel)
    expect(reply.channel).toBe(channel)
    expect(reply.header.msg_type).toBe(type.replace('_request', '_reply'))
    expect(reply.content).toEqual({
      status: 'error',
      ename: 'RangeError',
      evalue: 'the handler is broken',
      traceback: ['RangeError: the handler is broken'],
    })
    expect(typesOf(iopub)).toEqual(['busy', 'stream', 'idle'])
  }
})

test.each(['comm_open', 'comm_msg', 'comm_close'])(
  '%s whose handler throws gets busy and idle, and no reply',
  async (type) => {
    const id = await client.send(type, { comm_id: 'c', data: {} })
    expect(typesOf(await client.transcript(id))).toEqual(['busy', 'stream', 'idle'])
    expect(client.received.some((m) => m.channel === 'shell' && m.parent['msg_id'] === id)).toBe(
      false,
    )
  },
)

test('each failure left one line in the log, without the words of the error', () => {
  expect(log).toContain('execute_request failed: RangeError')
  expect(log.join('\n')).not.toContain('the handler is broken')
})
