// A post that kills the relay again and again is dead after three times, with a sentence; the relay
// and all other posts live.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'

import { RelayFile } from '../../post/relay/relay-file.ts'
import { Accepted, Feed, ReadPost } from '../../post/contract/schema.ts'
import {
  authorized,
  change,
  message,
  send,
  spawnProgram,
  temporaryFolder,
} from './helpers/relay.ts'
import { allDelivered, events } from './helpers/relay.ts'
import type { Folder, Spawned } from './helpers/relay.ts'

type At = { url: string; token: string }

/** Dies whenever it handles a poisoned post. */
const poisoned = (folder: Folder) =>
  spawnProgram('../fixtures/dying-relay', ['poison', '1'], folder.env)

async function connect(relay: Spawned, folder: Folder): Promise<At> {
  await relay.line(/^Relay: /)
  const path = join(folder.path, 'runtime', 'relay.json')
  return RelayFile.parse(JSON.parse(readFileSync(path, 'utf8')))
}

async function accepted(at: At, text: string, target: string): Promise<string> {
  const answer = await send(at, message(text, target))
  expect(answer.status).toBe(202)
  return Accepted.parse(await answer.json()).posts[0]?.id ?? ''
}

async function read(at: At, id: string): Promise<ReadPost> {
  const answer = await fetch(new URL(`api/v1/posts/${id}`, at.url), {
    headers: authorized(at.token),
  })
  return ReadPost.parse(await answer.json())
}

async function list(at: At): Promise<ReadPost[]> {
  const answer = await fetch(new URL('api/v1/posts', at.url), { headers: authorized(at.token) })
  return Feed.parse(await answer.json()).posts
}

test('a post at which the relay is killed three times is dead with a sentence, and all others arrive', async () => {
  using folder = temporaryFolder()
  const others: string[] = []
  for (let death = 1; death <= 3; death += 1) {
    await using relay = poisoned(folder)
    const at = await connect(relay, folder)
    if (death === 1) {
      for (const lane of ['runs', 'town']) others.push(await accepted(at, `post to ${lane}`, lane))
      // The relay may die before its answer is sent.
      await Promise.allSettled([send(at, message('a poisoned post', 'lab'))])
    }
    expect(await relay.exited).toBe('SIGKILL')
  }
  await using relay = poisoned(folder)
  const at = await connect(relay, folder)
  others.push(await accepted(at, 'post behind it', 'lab'))
  await allDelivered(at, others)
  const posts = await list(at)
  expect(posts).toHaveLength(4)
  expect(posts.find(({ id }) => !others.includes(id))).toMatchObject({
    status: 'dead',
    error: expect.stringMatching(/^The relay ended 3 times in a row while it worked on this/),
  })
}, 60_000)

test('a change at which the relay is killed three times is refused with a sentence; the post stays', async () => {
  using folder = temporaryFolder()
  let id = ''
  for (let death = 1; death <= 3; death += 1) {
    await using relay = poisoned(folder)
    const at = await connect(relay, folder)
    if (death === 1) {
      id = await accepted(at, 'as it was', 'lab')
      await allDelivered(at, [id])
      const blocks = [{ type: 'message', text: 'a poisoned post' }]
      expect((await change(at, id, { blocks })).status).toBe(200)
    }
    expect(await relay.exited).toBe('SIGKILL')
  }
  await using relay = poisoned(folder)
  const at = await connect(relay, folder)
  for await (const { post } of events(at, '0'))
    if (post.id === id && post.error !== undefined) break
  expect(await read(at, id)).toMatchObject({
    status: 'delivered',
    error: expect.stringMatching(
      /^Its last change was refused: The relay ended 3 times in a row while it worked on this/,
    ),
  })
}, 60_000)
