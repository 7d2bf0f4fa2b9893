import { expect, test } from '@jest/globals'
import pino from 'pino'
import { z } from 'zod'

import { ReadPost } from '../../../post/contract/schema.ts'
import { until, within } from '../../../test/helpers/until.ts'
import { HANGING_SVG, look, svg } from '../helpers/pictures.ts'
import { spawnProgram, temporaryFolder, testRelay } from '../helpers/relay.ts'
import type { TestRelay } from '../helpers/relay.ts'

const RED = svg('<rect width="40" height="20" fill="#ff0000"/>')

async function send(relay: TestRelay, source: string): Promise<string> {
  const body = new FormData()
  body.set('post', JSON.stringify({ targets: ['@me'], blocks: [{ type: 'image', file: 0 }] }))
  body.append('files', new File([source], 'output-1.svg'))
  const headers = { authorization: `token ${relay.token}` }
  const response = await fetch(`${relay.url}api/v1/posts`, { method: 'POST', headers, body })
  expect(response.status).toBe(202)
  const { posts } = z
    .object({ posts: z.array(z.object({ id: z.string() })) })
    .parse(await response.json())
  return posts[0]?.id ?? ''
}

async function get(relay: TestRelay, path: string): Promise<Response> {
  return fetch(`${relay.url}api/v1/posts/${path}`, {
    headers: { authorization: `token ${relay.token}` },
  })
}

/** A picture may take 10 s of processor time: on a busy machine that is long. */
async function delivered(relay: TestRelay, id: string): Promise<ReadPost> {
  let post: ReadPost | undefined
  return until(
    async () => {
      post = ReadPost.parse(await (await get(relay, id)).json())
      return post.status === 'delivered' && post
    },
    `post ${id} is delivered`,
    { saw: () => post, limit: 100_000 },
  )
}

test('the inbox shows an SVG as a PNG and never serves the original', async () => {
  using folder = temporaryFolder()
  await using relay = await testRelay(folder.env)
  const id = await send(relay, RED)
  const post = await delivered(relay, id)
  expect(post.blocks).toEqual([{ type: 'image', file: 0 }])
  expect(post.files).toMatchObject([{ name: 'output-1.png', mimetype: 'image/png' }])
  const file = await get(relay, `${id}/files/0`)
  expect(file.headers.get('content-type')).toBe('image/png')
  expect(await look(await file.bytes(), [40, 20])).toEqual({ size: [80, 40], colours: ['255,0,0'] })
})

test('how pictures are drawn is one line of the log, with the first of them', async () => {
  using folder = temporaryFolder()
  const lines: string[] = []
  const log = pino({ base: null }, { write: (line) => void lines.push(line) })
  await using relay = await testRelay(folder.env, { log })
  await delivered(relay, await send(relay, RED))
  await delivered(relay, await send(relay, RED))
  const told = lines.filter((line) => line.includes('pictures are drawn'))
  expect(told).toHaveLength(1)
  expect(JSON.parse(told[0] ?? '')).toMatchObject({
    guard: expect.stringMatching(/^(?:namespaces|another user|none)$/),
  })
})

test('a relay closed during a conversion ends soon and delivers the post when it is back', async () => {
  using folder = temporaryFolder()
  const relay = await testRelay(folder.env)
  const id = await send(relay, HANGING_SVG)
  // The conversion would be cut off after 10 s.
  await within(relay[Symbol.asyncDispose](), 'the relay closes', { limit: 9000 })
  await using again = await testRelay(folder.env)
  const post = await delivered(again, id)
  expect(post.blocks).toEqual([
    {
      type: 'notice',
      text: 'Drawing output-1.svg is not shown: it took longer than 10 s; see the notebook',
    },
  ])
}, 120_000)

test('a converter in native code ends with its relay', async () => {
  using folder = temporaryFolder()
  await using parent = spawnProgram('../fixtures/converting-parent', [], folder.env)
  const pid = Number((await parent.line(/^pid \d+$/))?.slice(4))
  expect(pid).toBeGreaterThan(0)
  expect(isRunning(pid)).toBe(true)
  parent.process.kill('SIGKILL')
  await parent.exited
  try {
    await until(() => !isRunning(pid), 'the converter ends')
  } finally {
    if (isRunning(pid)) process.kill(pid, 'SIGKILL')
  }
})

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false // ESRCH
  }
}
