// People at work for a long time: 200 requests a second with files, changes and questions. The
// relay's memory stays flat, its event loop answers at once, no file is left, and all arrives.
// `JUPYTERPOST_SOAK=3600` says how many seconds; UPDATE_PICTURES=1 draws the picture of
// docs/relay.md anew.
import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { DatabaseSync } from 'node:sqlite'
import { expect, test } from '@jest/globals'

import { until } from '../../../test/helpers/until.ts'
import { HubRelay, people } from '../faults/helpers/hub-relay.ts'
import { startHub } from '../helpers/hub.ts'
import { MattermostServer } from '../helpers/mattermost.ts'
import { plain } from '../helpers/pictures.ts'
import { temporaryFolder } from '../helpers/relay.ts'
import { drawSoak } from './helpers/chart.ts'
import { Load } from './helpers/load.ts'
import { growth, Measured } from './helpers/measured.ts'
import type { Second } from './helpers/measured.ts'

const SECONDS = Number(process.env.JUPYTERPOST_SOAK ?? 30)
const PER_SECOND = Number(process.env.JUPYTERPOST_SOAK_RATE ?? 200)
const MOST_LATE_MS = 20
/** In less than ten minutes a process has hardly reached its size. */
const MOST_GROWTH = SECONDS >= 600 ? 0.1 : 0.3
const PICTURE = join(import.meta.dirname, '../../../docs/pictures/soak.png')

test(
  `in ${SECONDS} s of ${PER_SECOND} requests a second, memory is flat, nothing waits, and no file is left`,
  async () => {
    using folder = temporaryFolder()
    await using hub = await startHub()
    await using chat = await MattermostServer.start()
    const names = people(hub, 50, chat)
    for (const name of ['lab', 'runs', 'nights']) chat.addChannel(name, names)
    const temporary = join(folder.path, 'tmp')
    const env = { TMPDIR: temporary }
    await using relay = new HubRelay({
      folder,
      hub,
      chat,
      env,
      program: '../fixtures/measured-relay',
    })
    await relay.start()
    const seconds: Second[] = []
    const { stdout } = relay.spawned.process
    if (!stdout) throw new Error('The relay has no stdout')
    createInterface(stdout).on('line', (line) => {
      if (line.startsWith('{"measured"')) seconds.push(Measured.parse(JSON.parse(line)).measured)
    })
    let arrived = 0
    const inner = chat.state.onEvent
    chat.state.onEvent = (event, post) => {
      inner(event, post)
      if (event === 'posted') arrived += 1
    }
    // The stand-in keeps what a soak needs no more; the real one has a disk.
    const forgetting = setInterval(() => {
      chat.requests.length = 0
      chat.state.forgetOld(20_000)
    }, 5000)
    const picture = new Uint8Array(await plain(64, 48, 'teal').png().toBuffer())
    const load = new Load({
      url: relay.url ?? '',
      names,
      perSecond: PER_SECOND,
      seconds: SECONDS,
      picture,
    })
    try {
      await load.run()
      await until(() => waiting(relay.database) === 0, 'nothing waits', {
        limit: 60_000,
        saw: () => waiting(relay.database),
      })
    } finally {
      clearInterval(forgetting)
    }
    const { tally } = load
    const late = tally.took.toSorted((a, b) => a - b)
    const last = seconds.at(-1)
    const during = seconds.slice(0, SECONDS)
    const memory = growth(during.map(({ rss }) => rss))
    const heap = growth(during.map(({ heapUsed }) => heapUsed))
    const files = during.map((second) => second.files)
    console.log(
      [
        `${tally.accepted} posts (${tally.withFiles} with files), ${tally.changed} changes, ${tally.asked} questions; ${arrived} messages in the chat`,
        `requests: p50 ${ms(late[late.length >> 1])}, p99 ${ms(late[Math.floor(late.length * 0.99)])}`,
        `event loop late, p99: ${ms(last?.ownP99Sofar)} (${ms(last?.lateP99Sofar)} with waits for a processor)`,
        `memory: ${mb(during.at(-1)?.rss)} at the end, growth ${percent(memory)}; heap growth ${percent(heap)}`,
        `open files: ${Math.min(...files)} to ${Math.max(...files)}`,
      ].join('\n'),
    )
    expect(tally.failures).toEqual([])
    expect(tally.accepted).toBeGreaterThan(PER_SECOND * SECONDS * 0.8)
    expect(stored(relay.database)).toEqual([])
    expect(memory).toBeLessThan(MOST_GROWTH)
    expect(last?.ownP99Sofar).toBeLessThan(MOST_LATE_MS)
    expect(growth(files)).toBeLessThan(0.5)
    expect(await relay.stop()).toBe(0)
    // The file, and what SQLite and the lock keep beside it.
    const left = readdirSync(folder.path).filter((name) => !name.startsWith('relay.sqlite'))
    expect(left.toSorted()).toEqual(['config.json'])
    if (process.env.UPDATE_PICTURES === '1') {
      const title = `${PER_SECOND} requests a second`
      writeFileSync(PICTURE, await drawSoak(during, title))
    }
  },
  (SECONDS + 240) * 1000,
)

const ms = (value = Number.NaN) => `${value.toFixed(1)} ms`
const mb = (value = Number.NaN) => `${Math.round(value / 1024 / 1024)} MB`
const percent = (value: number) => `${(value * 100).toFixed(1)} %`

function ask(database: string, sql: string): Record<string, unknown>[] {
  const db = new DatabaseSync(database, { readOnly: true })
  try {
    return db.prepare(sql).all()
  } finally {
    db.close()
  }
}

/** Lanes with work. */
function waiting(database: string): number {
  return Number(ask(database, 'SELECT count(*) AS count FROM lane')[0]?.count)
}

/** Posts that did not arrive. */
function stored(database: string): Record<string, unknown>[] {
  return ask(database, `SELECT id, state, error FROM post WHERE state <> 'sent' LIMIT 5`)
}
