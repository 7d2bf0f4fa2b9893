// Two relays of one database, as two processes: one works at a time, the other refuses posts and
// takes over when the first is killed. `JUPYTERPOST_STRESS=full` kills the working one 40 times.
import { expect, test } from '@jest/globals'

import { until } from '../../../test/helpers/until.ts'
import { startHub } from '../helpers/hub.ts'
import { MattermostServer } from '../helpers/mattermost.ts'
import { temporaryFolder } from '../helpers/relay.ts'
import { HubRelay, people } from './helpers/hub-relay.ts'
import { broken } from './helpers/promises.ts'
import { Arrivals, Sender } from './helpers/sender.ts'
import { sized } from './helpers/size.ts'

const ROUNDS = sized(2, 40)
const REST_MS = 60_000

test(
  `two relays of one database: one works at a time, and in ${ROUNDS} changes nothing is lost, doubled or mixed up`,
  async () => {
    using folder = temporaryFolder()
    await using hub = await startHub()
    await using chat = await MattermostServer.start()
    await using one = new HubRelay({ folder, hub, chat })
    await using other = new HubRelay({ folder, hub, chat })
    const names = people(hub, 8, chat)
    for (const name of ['lab', 'runs']) chat.addChannel(name, names)
    const arrivals = new Arrivals(chat)
    const senders = names.map((name, n) => new Sender(name, n % 2 === 0 ? one : other))
    await one.start()
    await other.start()
    const over = new AbortController()
    const posting = senders.map(async (sender, n) => {
      while (!over.signal.aborted) await sender.post(n % 4 < 2 ? 'lab' : 'runs')
    })
    const sentBy = (relay: HubRelay) => senders.filter((_, n) => n % 2 === (relay === one ? 0 : 1))
    let [working, waiting] = [one, other]
    for (let round = 0; round < ROUNDS; round += 1) {
      const before = sentBy(waiting).map(({ sent }) => sent.length)
      const counts = sentBy(working).map(({ sent }) => sent.length)
      const goesOn = () =>
        sentBy(working).every(({ sent }, n) => sent.length > (counts[n] ?? 0) + 2)
      await until(goesOn, 'the one that works takes posts', { limit: REST_MS })
      expect(sentBy(waiting).map(({ sent }) => sent.length)).toEqual(before)
      await working.kill()
      await until(
        () => sentBy(waiting).every(({ sent }, n) => sent.length > (before[n] ?? 0) + 1),
        'the other takes over',
        { limit: REST_MS },
      )
      await working.start()
      ;[working, waiting] = [waiting, working]
    }
    over.abort()
    // Those that post to the waiting relay would wait for ever.
    await working.stop()
    await Promise.all(posting)
    const sent = senders.flatMap((sender) => sender.sent)
    await arrivals.all(sent, waiting, REST_MS)
    expect(await waiting.stop()).toBe(0)
    expect(broken(sent, arrivals)).toEqual([])
    expect(new Set(senders.flatMap(({ refusals }) => refusals))).toEqual(new Set([507]))
  },
  REST_MS * (ROUNDS + 3),
)
