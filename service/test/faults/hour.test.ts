// A chat that is away for an hour, and clocks that jump: in this process by the clock that the
// relay is given, and as a program under faketime. Nothing is given up, nothing asked without end.
import { get } from 'node:http'
import { expect, test } from '@jest/globals'

import { until } from '../../../test/helpers/until.ts'
import { parseConfig } from '../../config.ts'
import { createLog } from '../../log.ts'
import { startRelay } from '../../relay.ts'
import { startHub } from '../helpers/hub.ts'
import { MattermostServer } from '../helpers/mattermost.ts'
import { message, send, temporaryFolder } from '../helpers/relay.ts'
import { fakeTime, whyNoFakeTime } from './helpers/fake-time.ts'
import { hubEnvironment, HubRelay, people } from './helpers/hub-relay.ts'
import { broken } from './helpers/promises.ts'
import { Arrivals, Sender } from './helpers/sender.ts'

const PEOPLE = 20
const HOUR = 3600
const REST_MS = 60_000

test('a chat that is away for an hour is asked some hundred times, not thousands, and then gets all', async () => {
  using folder = temporaryFolder()
  await using hub = await startHub()
  await using chat = await MattermostServer.start()
  const names = people(hub, PEOPLE, chat)
  for (const name of ['lab', 'runs']) chat.addChannel(name, names)
  const arrivals = new Arrivals(chat)
  let now = Date.now()
  const relay = await startRelay({
    config: parseConfig(hubEnvironment({ folder, hub, chat }), {}),
    log: createLog('silent'),
    page: undefined,
    now: () => now,
    random: () => 0.5,
    onIdle: () => undefined,
  })
  const say = async (name: string, text: string, target: string) => {
    const answer = await send({ url: relay.url, token: `t-${name}` }, message(text, target))
    expect(answer.status).toBe(202)
  }
  try {
    const both = ['lab', 'runs']
    const first = names.map((name, n) => say(name, `\`<${name}:0>\``, both[n % 2] ?? ''))
    await Promise.all(first)
    await arrivals.until(() => arrivals.size === PEOPLE, 'all arrive', { limit: REST_MS })
    chat.fail('POST', /./, { kind: 'answer', status: 502, body: 'away' }, Infinity)
    chat.fail('GET', /./, { kind: 'answer', status: 502, body: 'away' }, Infinity)
    const before = chat.requests.length
    await Promise.all(names.map((name, n) => say(name, `\`<${name}:1>\``, both[n % 2] ?? '')))
    await chat.arrived('POST', /^\/posts$/, PEOPLE + 1)
    const tenSeconds = async () => {
      now += 10_000
      // Something of another service happens, so that the relay looks what is due.
      await say('person00', 'meanwhile', 'inbox:@me')
    }
    for (let seconds = 0; seconds < HOUR; seconds += 10) await tenSeconds()
    const asked = chat.requests.length - before
    expect(asked).toBeGreaterThan(50)
    expect(asked).toBeLessThan(500)
    chat.heal()
    const back = now
    await until(
      async () => {
        await tenSeconds()
        return arrivals.size === 2 * PEOPLE
      },
      'all arrive',
      { limit: REST_MS },
    )
    expect(now - back).toBeLessThan(10 * 60_000)
    expect([...arrivals.lanes().values()].map(({ marks }) => marks.length)).toEqual([
      PEOPLE,
      PEOPLE,
    ])
  } finally {
    await relay.close()
  }
}, 120_000)

const why = whyNoFakeTime()
const testWithFakeTime = why === undefined ? test : test.skip
const reason = why === undefined ? '' : ` (not tested: ${why})`

/** What the program's clocks do, in seconds ahead, while the chat is away. */
const JUMPS = {
  'an hour goes by': { clocks: 'all', ahead: [HOUR] },
  'its wall clock is set ahead and back by an hour': { clocks: 'wall', ahead: [HOUR, 0] },
  'its wall clock is set back by a day': { clocks: 'wall', ahead: [-24 * HOUR] },
} as const

testWithFakeTime.each(Object.entries(JUMPS))(
  `as a program, a chat is away and %s: each post is there once and in order${reason}`,
  async (_, { clocks, ahead }) => {
    using folder = temporaryFolder()
    await using hub = await startHub()
    await using chat = await MattermostServer.start()
    const time = fakeTime(folder.path, clocks)
    await using relay = new HubRelay({ folder, hub, chat, env: time.env })
    const names = people(hub, PEOPLE, chat)
    for (const name of ['lab', 'runs']) chat.addChannel(name, names)
    const arrivals = new Arrivals(chat)
    await relay.start()
    const senders = names.map((name) => new Sender(name, relay))
    const everybodyPosts = () =>
      Promise.all(senders.map((sender, n) => sender.post(n % 2 === 0 ? 'lab' : 'runs')))
    await everybodyPosts()
    await chat.restart(async () => {
      await everybodyPosts()
      for (const seconds of ahead) {
        time.ahead(seconds)
        const shown = () => saidAhead(relay.url ?? '')
        await until(async () => Math.abs((await shown()) - seconds) < 60, 'its clock is there', {
          saw: shown,
        })
        await everybodyPosts()
      }
    })
    await everybodyPosts()
    const sent = senders.flatMap((sender) => sender.sent)
    await arrivals.all(sent, relay, REST_MS)
    expect(await relay.stop()).toBe(0)
    expect(broken(sent, arrivals)).toEqual([])
  },
  3 * REST_MS,
)

/** Seconds, by the `Date` of its answers; each has a connection of its own, none is idle. */
async function saidAhead(url: string): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  get(new URL('health', url), { agent: false }, (answer) => {
    answer.resume()
    resolve(answer.headers.date ?? '')
  }).once('error', reject)
  return (Date.parse(await promise) - Date.now()) / 1000
}
