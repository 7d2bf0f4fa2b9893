// A chat that fails in every way that a network knows, while twenty people post to it: once it is
// well again, each post is there once and in order. `JUPYTERPOST_STRESS=full` has it fail ten times
// as often.
import { expect, test } from '@jest/globals'

import { startHub } from '../helpers/hub.ts'
import { MattermostServer } from '../helpers/mattermost.ts'
import type { Fault } from '../helpers/mattermost.ts'
import { temporaryFolder } from '../helpers/relay.ts'
import { HubRelay, people } from './helpers/hub-relay.ts'
import { broken } from './helpers/promises.ts'
import { Arrivals, Sender } from './helpers/sender.ts'
import { FULL, randomOf, sized } from './helpers/size.ts'

const PEOPLE = 20
const EACH = sized(5, 50)
const SEED = Number(process.env.JUPYTERPOST_STRESS_SEED ?? 1)
const REST_MS = sized(90_000, 1_200_000)
const POSTS = /^\/posts$/

const reset: Fault = { kind: 'reset' }
const lost: Fault = { kind: 'reset mid-body' }
const hang: Fault = { kind: 'hang' }
const silent: Fault = { kind: 'silent' }
const tooMany: Fault = {
  kind: 'answer',
  status: 429,
  body: 'limit exceeded',
  headers: { 'retry-after': '1' },
}
const page: Fault = { kind: 'answer', status: 502, body: '<html>Bad Gateway</html>' }

/** The requests that fail, in order. Each hang costs the time of a request, 15 s. */
const ROWS: Record<string, Fault[]> = {
  'resets connections': Array.from({ length: sized(20, 600) }, () => reset),
  'loses its answers after it has done what was asked': Array.from(
    { length: sized(20, 600) },
    () => lost,
  ),
  'answers 429 again and again': Array.from({ length: sized(4, 80) }, () => tooMany),
  'hangs, before and after it has done what was asked': Array.from(
    { length: sized(4, 80) },
    (_, n) => (n % 2 === 0 ? hang : silent),
  ),
  'fails in all these ways': mixed(sized(20, 600), sized(1, 20)),
}

function mixed(count: number, hangs: number): Fault[] {
  const random = randomOf(SEED)
  const quick = [reset, lost, page, tooMany]
  const slow = [hang, silent]
  const faults = Array.from({ length: count }, (_, n) => quick[n % 10 === 0 ? 3 : n % 3] ?? reset)
  for (let n = 0; n < hangs; n += 1)
    faults.splice(Math.floor(random() * count), 0, slow[n % 2] ?? hang)
  return faults
}

test.each(Object.entries(ROWS))(
  'a chat that %s: each post is there once and in order',
  async (_, faults) => {
    using folder = temporaryFolder()
    await using hub = await startHub()
    await using chat = await MattermostServer.start()
    await using relay = new HubRelay({ folder, hub, chat, program: '../fixtures/hasty-relay' })
    const names = people(hub, PEOPLE, chat)
    const channels = ['lab', 'runs', 'town', 'nights']
    for (const name of channels) chat.addChannel(name, names)
    const arrivals = new Arrivals(chat)
    await relay.start()
    const senders = names.map((name) => new Sender(name, relay))
    for (const fault of faults) chat.fail('POST', POSTS, fault)

    await Promise.all(
      senders.map(async (sender, n) => {
        for (let post = 0; post < EACH; post += 1)
          await sender.post(post % 5 === 4 ? '@me' : (channels[n % channels.length] ?? ''))
      }),
    )
    const sent = senders.flatMap((sender) => sender.sent)
    await arrivals.all(sent, relay, REST_MS)
    expect(await relay.stop()).toBe(0)
    const asked = chat.sent('POST', POSTS).length
    if (FULL) console.log(`${sent.length} posts, ${faults.length} faults, ${asked} requests`)
    expect(broken(sent, arrivals)).toEqual([])
    expect(senders.flatMap((sender) => sender.refusals)).toEqual([])
    // All faults happened, and each cost one request at most.
    expect(asked).toBeGreaterThan(faults.length)
    expect(asked).toBeLessThanOrEqual(sent.length + faults.length)
  },
  REST_MS * 2,
)
