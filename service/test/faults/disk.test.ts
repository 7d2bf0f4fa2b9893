// A disk that is full to the last byte: the relay promises nothing that it cannot keep, keeps what
// it promised before, and goes on by itself once there is room.
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'

import { until } from '../../../test/helpers/until.ts'
import { GRANT, startHub } from '../helpers/hub.ts'
import type { TestHub } from '../helpers/hub.ts'
import { MattermostServer } from '../helpers/mattermost.ts'
import { temporaryFolder } from '../helpers/relay.ts'
import { HubRelay, people } from './helpers/hub-relay.ts'
import { broken } from './helpers/promises.ts'
import { Arrivals, Sender } from './helpers/sender.ts'
import { smallDisk, whyNoDisk } from './helpers/small-disk.ts'

const MEGABYTES = 24
/** Refusals of each person before there is room again. */
const REFUSALS = 5
const BYTES = 50_000
const REST_MS = 60_000

const why = whyNoDisk()
const testWithDisk = why === undefined ? test : test.skip
const reason = why === undefined ? '' : ` (not tested: ${why})`

testWithDisk.each(['goes on', 'is killed and starts again'])(
  `a full disk is 507 and never 202; a relay that %s has all that it promised once there is room${reason}`,
  async (meanwhile) => {
    using folder = temporaryFolder()
    using disk = smallDisk(join(folder.path, 'disk'), MEGABYTES)
    await using hub = await startHub()
    await using chat = await MattermostServer.start()
    const database = join(disk.path, 'relay.sqlite')
    await using relay = new HubRelay({ folder, hub, chat, database })
    const names = people(hub, 4, chat)
    chat.addChannel('lab', names)
    const arrivals = new Arrivals(chat)
    const senders = names.map((name) => new Sender(name, relay))
    await relay.start()

    const over = new AbortController()
    const posting = senders.map(async (sender, n) => {
      while (!over.signal.aborted) {
        const bytes = randomBytes(BYTES / 2).toString('hex')
        const files = n % 2 === 0 ? [new File([bytes], 'noise.txt')] : []
        await sender.post(n < 2 ? 'lab' : '@me', { files })
      }
    })
    await arrivals.until(() => arrivals.size >= 8, 'eight posts arrive', { limit: REST_MS })
    // Somebody new cannot be noted on a full disk.
    await asAdmin(relay, hub, 'api/v1/limits')
    disk.fill()
    const everybodyRefused = () => senders.every(({ refusals }) => refusals.length >= REFUSALS)
    await until(everybodyRefused, 'everybody is refused', { limit: REST_MS })
    const full = await readiness(relay, hub)
    expect(full).toMatchObject({ status: 503, words: expect.stringContaining('full') })
    if (meanwhile !== 'goes on') {
      await relay.kill()
      await relay.start()
      const before = senders.map(({ refusals }) => refusals.length)
      const refusedAgain = () =>
        senders.every(({ refusals }, n) => refusals.length > (before[n] ?? 0))
      await until(refusedAgain, 'everybody is refused again', { limit: REST_MS })
    }

    disk.makeRoom()
    const counts = senders.map(({ sent }) => sent.length)
    const goesOn = () => senders.every(({ sent }, n) => sent.length > (counts[n] ?? 0) + 1)
    await until(goesOn, 'posts are taken again', { limit: REST_MS })
    await until(async () => (await readiness(relay, hub)).status === 200, 'it is ready again')
    over.abort()
    await Promise.all(posting)
    const sent = senders.flatMap((sender) => sender.sent)
    await arrivals.all(sent, relay, REST_MS)
    expect(await relay.stop()).toBe(0)
    expect(broken(sent, arrivals)).toEqual([])
    expect(new Set(senders.flatMap(({ refusals }) => refusals))).toEqual(new Set([507]))
  },
  4 * REST_MS,
)

async function readiness(
  relay: HubRelay,
  hub: TestHub,
): Promise<{ status: number; words: string }> {
  const answer = await asAdmin(relay, hub, 'ready')
  return { status: answer.status, words: await answer.text() }
}

function asAdmin(relay: HubRelay, hub: TestHub, path: string): Promise<Response> {
  hub.users.set('t-root', { name: 'root', scopes: [GRANT], admin: true })
  return fetch(new URL(path, relay.url), { headers: { authorization: 'token t-root' } })
}
