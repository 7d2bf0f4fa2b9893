// With real sockets: only what a subscriber has not read yet counts.
import { once } from 'node:events'
import { Session } from 'node:inspector'
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals'
import { Subscriber, XPublisher } from 'zeromq'
import { until, within } from '../../test/helpers/until.ts'
import { Backlog } from '../src/channels/backlog.ts'

const MB = 1024 * 1024
/** More than the buffers of a connection hold. */
const LIMIT = 40 * MB
const MESSAGES = 60

let publisher: XPublisher
let slow: Subscriber
beforeEach(async () => {
  publisher = new XPublisher({ linger: 0, sendHighWaterMark: 0 })
  await publisher.bind('tcp://127.0.0.1:0')
  slow = new Subscriber({ linger: 0, receiveHighWaterMark: 1 })
  slow.connect(publisher.lastEndpoint ?? '')
  slow.subscribe()
  await publisher.receive()
})
afterEach(() => {
  slow.close()
  publisher.close()
})

/** Receives what the source of messages is told, as events. */
class Source extends EventTarget {
  readonly told: boolean[] = []

  until(event: 'wait' | 'go'): Promise<unknown> {
    return within(once(this, event), `the source is told to ${event}`, { saw: () => this.told })
  }

  readonly wait = (on: boolean): void => {
    this.told.push(on)
    this.dispatchEvent(new Event(on ? 'wait' : 'go'))
  }
}

async function flood(backlog: Backlog): Promise<void> {
  for (let count = 0; count < MESSAGES; count++) {
    const frames = [Buffer.from('topic'), Buffer.alloc(MB)]
    backlog.add(frames)
    await publisher.send(frames)
  }
}

test('a client that is behind makes the source wait until half was read', async () => {
  const source = new Source()
  const backlog = new Backlog(source.wait, { bytes: LIMIT, patience: 30_000 })
  const waits = source.until('wait')
  await flood(backlog)
  await waits
  const goes = source.until('go')
  for (let count = 0; count < MESSAGES; count++) await slow.receive()
  await goes
  expect(source.told).toEqual([true, false])
  expect(backlog.isFull).toBe(false)
  backlog.close()
})

test('for a client that never reads nobody waits long; once it reads, there is room again', async () => {
  const source = new Source()
  const backlog = new Backlog(source.wait, { bytes: LIMIT, patience: 300 })
  const goes = source.until('go')
  await flood(backlog)
  await goes
  expect(backlog.isFull).toBe(true)
  for (let count = 0; count < MESSAGES; count++) await slow.receive()
  await until(() => !backlog.isFull, 'there is room again')
  expect(source.told).toEqual([true, false])
  backlog.close()
})

test('what everybody has read, and was not collected yet, makes nobody wait', async () => {
  const looks = jest.spyOn(Session.prototype, 'connect')
  const ends = jest.spyOn(Session.prototype, 'disconnect')
  const source = new Source()
  const backlog = new Backlog(source.wait, { bytes: LIMIT, patience: 300 })
  for (let count = 0; count < MESSAGES * 2; count++) {
    const frames = [Buffer.from('topic'), Buffer.alloc(MB)]
    backlog.add(frames)
    await publisher.send(frames)
    await slow.receive()
  }
  // Each time it looks what was collected, it connects to the inspector first.
  const isLooking = () => looks.mock.calls.length > ends.mock.calls.length
  await until(() => !isLooking(), 'it has looked')
  looks.mockRestore()
  ends.mockRestore()
  expect(source.told).toEqual([])
  expect(backlog.isFull).toBe(false)
  backlog.close()
})
