// A Hub that restarts, answers 503 or something else while people post with tokens that the relay
// has not seen yet: nobody is refused for good, nobody is let in unseen, and all arrives.
import { expect, test } from '@jest/globals'

import { until } from '../../../test/helpers/until.ts'
import { GRANT, startHub } from '../helpers/hub.ts'
import type { TestHub } from '../helpers/hub.ts'
import { MattermostServer } from '../helpers/mattermost.ts'
import { temporaryFolder } from '../helpers/relay.ts'
import { HubRelay, people } from './helpers/hub-relay.ts'
import { broken } from './helpers/promises.ts'
import { Arrivals, Sender } from './helpers/sender.ts'
import { sized } from './helpers/size.ts'

const PEOPLE = 20
const ROUNDS = sized(2, 40)
const REST_MS = 60_000

/** How it is away, and what ends that. */
const WAYS: Record<string, (hub: TestHub, meanwhile: () => Promise<void>) => Promise<void>> = {
  'answers 503': async (hub, meanwhile) => {
    hub.fail(503)
    await meanwhile()
    hub.fail(undefined)
  },
  'has a proxy before it that answers 502': async (hub, meanwhile) => {
    hub.replace({ status: 502, body: '<html>Bad Gateway</html>', type: 'text/html' })
    await meanwhile()
    hub.replace(undefined)
  },
  restarts: (hub, meanwhile) => hub.restart(meanwhile),
}

test.each(Object.entries(WAYS))(
  'a Hub that %s refuses nobody for good, lets nobody in unseen, and loses no post',
  async (_, away) => {
    using folder = temporaryFolder()
    await using hub = await startHub()
    await using chat = await MattermostServer.start()
    await using relay = new HubRelay({ folder, hub, chat })
    const names = people(hub, PEOPLE, chat)
    chat.addChannel('lab', names)
    const arrivals = new Arrivals(chat)
    await relay.start()
    const senders = names.map((name) => {
      // Answers about a token are remembered for a minute, so each post has a new one.
      return new Sender(name, relay, (post) => {
        hub.users.set(`t-${name}-${post}`, { name, scopes: [GRANT] })
        return `t-${name}-${post}`
      })
    })
    let isOver = false
    const posting = senders.map(async (sender) => {
      while (!isOver) await sender.post('lab')
    })
    const taken = () => senders.map(({ sent }) => sent.length)
    const everybodyPosts = async () => {
      const before = taken()
      const goOn = () => senders.every(({ sent }, n) => sent.length > (before[n] ?? 0) + 1)
      await until(goOn, 'everybody posts', { limit: REST_MS })
    }
    for (let round = 0; round < ROUNDS; round += 1) {
      await everybodyPosts()
      await away(hub, async () => {
        const refused = senders.map(({ refusals }) => refusals.length)
        const isAway = () => senders.every(({ refusals }, n) => refusals.length > (refused[n] ?? 0))
        await until(isAway, 'everybody is refused', { limit: REST_MS })
        const before = taken()
        // What came before the Hub went away has been answered by now.
        const refusedAgain = senders.map(({ refusals }) => refusals.length + 1)
        const still = () => senders.every(({ refusals }, n) => refusals.length > (refusedAgain[n] ?? 0))
        await until(still, 'everybody is refused again', { limit: REST_MS })
        expect(taken()).toEqual(before)
      })
    }
    isOver = true
    await Promise.all(posting)
    const sent = senders.flatMap((sender) => sender.sent)
    await arrivals.until(
      () => sent.every(({ mark }) => arrivals.has(mark)),
      `all of ${sent.length} posts arrive`,
      REST_MS * 2,
    )
    expect(await relay.stop()).toBe(0)
    expect(broken(sent, arrivals)).toEqual([])
    expect(new Set(senders.flatMap(({ refusals }) => refusals))).toEqual(new Set([503]))
  },
  REST_MS * (ROUNDS + 4),
)
