// A 202 is a promise: a relay killed at any step of any post, and started again, has each post in
// the inbox exactly once and in order.
import { DatabaseSync } from 'node:sqlite'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { z } from 'zod'

import { Accepted } from '../../post/contract/schema.ts'
import {
  allDelivered,
  authorized,
  change,
  events,
  message,
  send,
  spawnProgram,
  temporaryFolder,
} from './helpers/relay.ts'
import type { Folder, Spawned } from './helpers/relay.ts'
import { readFileSync } from 'node:fs'
import { RelayFile } from '../../post/relay/relay-file.ts'

const Texts = z.array(z.object({ text: z.string() }))

const POSTS = 36
const LANES = ['@me', 'lab', 'runs']

test.each([
  ['before-commit', 11],
  ['committed', 13],
  ['delivering', 7],
  ['delivered', 17],
  ['recorded', 23],
])(
  'killed at the step "%s" of post %i, nothing is lost, doubled or out of order',
  async (step, n) => {
    using folder = temporaryFolder()
    const ids = new Map<number, string>()
    {
      await using relay = spawnProgram('../fixtures/dying-relay', [step, String(n)], folder.env)
      await sendMissing(await connect(relay, folder), ids)
      expect(await relay.exited).toBe('SIGKILL')
    }
    await using relay = spawnProgram('../fixtures/dying-relay', ['never'], folder.env)
    const at = await connect(relay, folder)
    await sendMissing(at, ids)
    expect(ids.size).toBe(POSTS)
    await allDelivered(at, ids.values())
    relay.process.kill('SIGTERM')
    expect(await relay.exited).toBe(0)
    expect(inbox(folder)).toEqual(LANES.map((_, lane) => expectedTexts(lane)))
  },
  60_000,
)

test('a relay killed from outside right after its last 202 delivers all of it when it is back', async () => {
  using folder = temporaryFolder()
  const ids = new Map<number, string>()
  {
    await using relay = spawnProgram('../fixtures/dying-relay', ['never'], folder.env)
    await sendMissing(await connect(relay, folder), ids)
    relay.process.kill('SIGKILL')
    expect(await relay.exited).toBe('SIGKILL')
  }
  expect(ids.size).toBe(POSTS)
  await using relay = spawnProgram('../fixtures/dying-relay', ['never'], folder.env)
  await allDelivered(await connect(relay, folder), ids.values())
  expect(inbox(folder)).toEqual(LANES.map((_, lane) => expectedTexts(lane)))
}, 60_000)

test.each([
  ['before-change', 5],
  ['changed', 7],
  ['editing', 3],
  ['edited', 4],
  ['written', 2],
])(
  'killed at the step "%s" of change %i, the last state is shown, and each post is there once',
  async (step, n) => {
    using folder = temporaryFolder()
    const ids = new Map<number, string>()
    let made = 0
    {
      await using relay = spawnProgram('../fixtures/dying-relay', [step, String(n)], folder.env)
      const at = await connect(relay, folder)
      await sendMissing(at, ids)
      made = await changeFrom(at, ids, 0)
      expect(await relay.exited).toBe('SIGKILL')
    }
    await using relay = spawnProgram('../fixtures/dying-relay', ['never'], folder.env)
    const at = await connect(relay, folder)
    await changeFrom(at, ids, made)
    await allWritten(at)
    relay.process.kill('SIGTERM')
    expect(await relay.exited).toBe(0)
    expect(inbox(folder).flat()).toHaveLength(POSTS)
    expect(
      inbox(folder)
        .flat()
        .every((text) => text?.startsWith(`state ${CHANGES - 1} of`)),
    ).toBe(true)
  },
  60_000,
)

test.each(['removing', 'removed', 'gone'])(
  'killed at the step "%s" of a removal, the post is gone and comes not back',
  async (step) => {
    using folder = temporaryFolder()
    const ids = new Map<number, string>()
    {
      await using relay = spawnProgram('../fixtures/dying-relay', [step, '1'], folder.env)
      const at = await connect(relay, folder)
      await sendMissing(at, ids)
      await allDelivered(at, ids.values())
      const url = new URL(`api/v1/posts/${ids.get(0)}`, at.url)
      const deleted = fetch(url, { method: 'DELETE', headers: authorized(at.token) })
      // The answer may or may not have been sent.
      await Promise.allSettled([deleted])
      expect(await relay.exited).toBe('SIGKILL')
    }
    await using relay = spawnProgram('../fixtures/dying-relay', ['never'], folder.env)
    const at = await connect(relay, folder)
    for await (const { event, post } of events(at, '0'))
      if (event === 'gone' && post.id === ids.get(0)) break
    relay.process.kill('SIGTERM')
    await relay.exited
    expect(inbox(folder).flat()).toHaveLength(POSTS - 1)
  },
  60_000,
)

const CHANGES = 3

/**
 * Gives every post its states in turn, each with its own key, until the relay is gone. @returns The
 * number it took.
 */
async function changeFrom(
  at: { url: string; token: string },
  ids: ReadonlyMap<number, string>,
  first: number,
): Promise<number> {
  for (let n = first; n < CHANGES * POSTS; n += 1) {
    const id = ids.get(n % POSTS) ?? ''
    const blocks = [{ type: 'message', text: `state ${Math.floor(n / POSTS)} of ${id}` }]
    try {
      expect((await change(at, id, { blocks }, { key: `change-${n}` })).status).toBe(200)
    } catch (error) {
      if (Error.isError(error) && error.message === 'fetch failed') return n
      throw error
    }
  }
  return CHANGES * POSTS
}

/** Waits until nothing is on its way: each event may be the one that ended it. */
async function allWritten(at: { url: string; token: string }): Promise<void> {
  for await (const _ of events(at, '0')) {
    const answer = await fetch(new URL('metrics', at.url), { headers: authorized(at.token) })
    if (/^jupyterpost_waiting 0$/m.test(await answer.text())) return
  }
}

async function connect(relay: Spawned, folder: Folder): Promise<{ url: string; token: string }> {
  await relay.line(/^Relay: /)
  const path = join(folder.path, 'runtime', 'relay.json')
  return RelayFile.parse(JSON.parse(readFileSync(path, 'utf8')))
}

/** Sends them in order, each with its own key, until the relay is gone. */
async function sendMissing(at: { url: string; token: string }, ids: Map<number, string>) {
  for (let n = 0; n < POSTS; n += 1) {
    if (ids.has(n)) continue
    const target = LANES[n % LANES.length] ?? ''
    let answer: Response
    try {
      answer = await send(at, message(`post ${n}`, target), { key: `key-${n}` })
    } catch {
      return // TypeError: fetch failed, the relay is dead
    }
    expect(answer.status).toBe(202)
    const { posts } = Accepted.parse(await answer.json())
    ids.set(n, posts[0]?.id ?? '')
  }
}

function expectedTexts(lane: number): string[] {
  return Array.from({ length: POSTS }, (_, n) => n)
    .filter((n) => n % LANES.length === lane)
    .map((n) => `post ${n}`)
}

/** Texts of the inbox by lane, in order of arrival. */
function inbox(folder: Folder): (string | undefined)[][] {
  const db = new DatabaseSync(join(folder.path, 'state', 'jupyterpost', 'jupyterpost.sqlite'))
  const rows = db.prepare('SELECT lane, blocks FROM inbox_message ORDER BY n').all()
  db.close()
  const texts = (pattern: RegExp) =>
    rows
      .filter((row) => pattern.test(String(row.lane)))
      .map((row) => Texts.parse(JSON.parse(String(row.blocks)))[0]?.text)
  return [texts(/^@/), texts(/^~lab$/), texts(/^~runs$/)]
}
