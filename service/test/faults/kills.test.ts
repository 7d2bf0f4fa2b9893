// A relay that is killed again and again, at any point of its life, while twenty people post: what
// was accepted is in the chat, once, in order and in its last state. `JUPYTERPOST_STRESS=full`
// kills it 200 times, `JUPYTERPOST_KILLS` says how often.
import { setTimeout as delay } from 'node:timers/promises'
import { expect, test } from '@jest/globals'

import { startHub } from '../helpers/hub.ts'
import { MattermostServer } from '../helpers/mattermost.ts'
import { temporaryFolder } from '../helpers/relay.ts'
import { HubRelay, people } from './helpers/hub-relay.ts'
import { broken } from './helpers/promises.ts'
import { Arrivals, Sender } from './helpers/sender.ts'
import { randomOf, sized } from './helpers/size.ts'

const KILLS = Number(process.env.JUPYTERPOST_KILLS ?? sized(6, 200))
const SEED = Number(process.env.JUPYTERPOST_STRESS_SEED ?? 1)
const PEOPLE = 20
/** Posts of one person that are accepted and not in the chat yet. */
const AHEAD = 5
/** ms of a life, at most; every fourth one ends while it starts. */
const LIFE_MS = 2500
const START_MS = 400
/** ms until everything is in the chat. */
const REST_MS = 120_000

test(
  `killed ${KILLS} times while ${PEOPLE} people post, the relay loses, doubles and mixes up nothing`,
  async () => {
    const random = randomOf(SEED)
    using folder = temporaryFolder()
    await using hub = await startHub()
    await using chat = await MattermostServer.start()
    await using relay = new HubRelay({ folder, hub, chat })
    const names = people(hub, PEOPLE, chat)
    const channels = ['lab', 'runs', 'town', 'nights']
    for (const name of channels) chat.addChannel(name, names)
    const arrivals = new Arrivals(chat)
    const senders = names.map((name) => new Sender(name, relay))
    let isOver = false

    const posting = senders.map(async (sender, n) => {
      while (!isOver) {
        const number = sender.sent.length
        const target = number % 5 === 4 ? '@me' : (channels[n % channels.length] ?? '')
        await sender.post(target, { changing: number % 7 === 6 })
        const oldest = sender.sent[sender.sent.length - AHEAD]
        if (oldest)
          await arrivals.until(() => arrivals.has(oldest.mark), `${oldest.mark} arrives`, REST_MS)
      }
    })
    let starting = 0
    for (let kill = 0; kill < KILLS; kill += 1) {
      if (kill % 4 === 3) {
        relay.spawn()
        await delay(random() * START_MS)
        starting += 1
      } else {
        await relay.start()
        await delay(random() * LIFE_MS)
      }
      await relay.kill()
    }
    await relay.start()
    isOver = true
    await Promise.all(posting)
    const sent = senders.flatMap((sender) => sender.sent)
    await arrivals.until(
      () => sent.every(({ mark }) => arrivals.has(mark)),
      `all of ${sent.length} posts arrive`,
      REST_MS,
    )
    // A change is written last.
    expect(await relay.stop()).toBe(0)
    const brokenOff = senders.reduce((sum, sender) => sum + sender.broken, 0)
    console.log(
      `${KILLS} kills (${starting} while it started), ${sent.length} posts, ${brokenOff} requests broke off`,
    )
    expect(broken(sent, arrivals)).toEqual([])
    expect(sent.length).toBeGreaterThan(PEOPLE)
    expect(brokenOff).toBeGreaterThan(0)
    expect(senders.flatMap((sender) => sender.refusals)).toEqual([])
  },
  KILLS * 6000 + 3 * 60_000,
)
