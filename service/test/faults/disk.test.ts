// A disk that is full to the last byte: the relay promises nothing that it cannot keep, keeps what
// it promised before, and goes on by itself once there is room.
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'

import { until, within } from '../../../test/helpers/until.ts'
import { startHub } from '../helpers/hub.ts'
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

    const full = new AbortController()
    const posting = senders.map(async (sender, n) => {
      const post = async () => {
        const bytes = randomBytes(BYTES / 2).toString('hex')
        const files = n % 2 === 0 ? [new File([bytes], 'noise.txt')] : []
        await sender.post(n < 2 ? 'lab' : '@me', { files })
      }
      while (!full.signal.aborted) await post()
      // Not more: they would fill the disk again.
      for (let more = 0; more < 3; more += 1) await post()
    })
    await arrivals.until(() => arrivals.size >= 8, 'eight posts arrive', { limit: REST_MS })
    // Whom the relay has never seen it must store first, an admin too.
    expect(await readiness(relay)).toMatchObject({ status: 200 })
    disk.fill()
    full.abort()
    const everybodyRefused = () => senders.every(({ refusals }) => refusals.length >= REFUSALS)
    await until(everybodyRefused, 'everybody is refused', { limit: REST_MS })
    const saysWhy = async () => {
      const { status, words } = await readiness(relay)
      return status === 503 && words.includes('full')
    }
    await until(saysWhy, '/ready says why', { saw: () => relay.spawned.stderr() })
    if (meanwhile !== 'goes on') {
      await relay.kill()
      await relay.start()
      const before = senders.map(({ refusals }) => refusals.length)
      const refusedAgain = () =>
        senders.every(({ refusals }, n) => refusals.length > (before[n] ?? 0))
      await until(refusedAgain, 'everybody is refused again', { limit: REST_MS })
    }

    disk.makeRoom()
    await within(Promise.all(posting), 'posts are taken again', { limit: REST_MS })
    await until(async () => (await readiness(relay)).status === 200, 'it is ready again')
    const sent = senders.flatMap((sender) => sender.sent)
    await arrivals.all(sent, relay, REST_MS)
    expect(await relay.stop()).toBe(0)
    expect(broken(sent, arrivals)).toEqual([])
    expect(new Set(senders.flatMap(({ refusals }) => refusals))).toEqual(new Set([507]))
  },
  4 * REST_MS,
)

async function readiness(relay: HubRelay): Promise<{ status: number; words: string }> {
  const headers = { authorization: 'token t-admin' }
  const answer = await fetch(new URL('ready', relay.url), { headers })
  return { status: answer.status, words: await answer.text() }
}
