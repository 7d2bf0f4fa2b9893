// Posts of cells through the real kernel process and its runtime, over HTTP to a stand-in relay.
import { once } from 'node:events'
import { createServer } from 'node:net'
import type { Socket } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals'
import { Spool } from '../../../post/relay/spool.ts'
import { testFolder } from '../../../post/test/helpers/folder.ts'
import { startStandIn } from '../../../post/test/helpers/relay.ts'
import type { StandIn } from '../../../post/test/helpers/relay.ts'
import { Client } from '../helpers/client.ts'
import { spawnKernel } from '../helpers/kernel.ts'
import type { Spawned } from '../helpers/kernel.ts'

let relay: StandIn
let kernel: Spawned
let client: Client

beforeAll(async () => {
  relay = await startStandIn()
  kernel = await spawnKernel({ env: { JUPYTERPOST_URL: relay.url, JUPYTERPOST_TOKEN: 't' } })
  client = await new Client(kernel.connection).connect()
}, 30_000)

beforeEach(() => {
  relay.taken.length = 0
})

afterAll(async () => {
  client.close()
  await kernel.close()
  await relay.close()
})

const posted = () => relay.taken.map(({ manifest }) => manifest.blocks)

test('the two lines of the original README post their message', async () => {
  await client.execute('function run_long_computation() {}')
  const { reply } = await client.execute('run_long_computation()\n%post @myself Computation done!')
  expect(reply.content).toMatchObject({ status: 'ok' })
  expect(posted()).toEqual([[{ type: 'message', text: 'Computation done!' }]])
})

test('%%post posts stdout and the error of its cell, and the reply is the error', async () => {
  const { reply } = await client.execute(
    "%%post lab -i\nconsole.log('loss 0.1')\nthrow new TypeError('boom')",
  )
  expect(reply.content).toMatchObject({ status: 'error', ename: 'TypeError' })
  expect(posted()[0]).toEqual([
    {
      type: 'code',
      language: 'typescript',
      text: "console.log('loss 0.1')\nthrow new TypeError('boom')",
    },
    { type: 'text', stream: 'stdout', text: 'loss 0.1' },
    { type: 'error', name: 'TypeError', message: 'boom', traceback: expect.any(String) },
  ])
})

test('post() that nobody awaits arrives before the reply', async () => {
  const { reply } = await client.execute("post('from code', '@me', new Blob(['abc'])); 1")
  expect(reply.content).toMatchObject({ status: 'ok' })
  expect(posted()).toEqual([
    [
      { type: 'message', text: 'from code' },
      { type: 'file', file: 0 },
    ],
  ])
  expect(relay.taken[0]?.files[0]?.bytes.toString()).toBe('abc')
})

test('an imported post() is the same', async () => {
  const { reply } = await client.execute(
    "import { post as send, PostError } from 'jupyterpost'\nawait send('imported', '@me')\ntry { await send('x', '../y') } catch (e) { console.log(e instanceof PostError, e.code) }",
  )
  expect(reply.content).toMatchObject({ status: 'ok' })
  expect(posted()).toHaveLength(1)
})

test('progress at another relay that hangs when the server stops keeps its last state for later', async () => {
  const other = await startStandIn()
  const folder = testFolder({ JUPYTERPOST_URL: relay.url, JUPYTERPOST_TOKEN: 't' })
  const alone = await spawnKernel({ env: folder.env })
  const its = await new Client(alone.connection).connect()
  const sockets = new Set<Socket>()
  const hanging = createServer((socket) => void sockets.add(socket))
  try {
    const address = JSON.stringify({ url: other.url, token: 'other' })
    await its.send('execute_request', {
      code: `var p = await post.progress('lab', 'training', ${address}); p.tick('one'); console.log('ticks'); await new Promise(() => {})`,
    })
    await its.until(({ content }) => content['text'] === 'ticks\n')
    await other.close()
    hanging.listen(Number(new URL(other.url).port), '127.0.0.1')
    await once(hanging, 'listening')
    alone.child.kill('SIGTERM')
    expect(await alone.exited).toBe(0)
    const [kept] = await new Spool(join(folder.path, 'state/jupyterpost')).entries()
    expect(JSON.stringify(kept?.head.manifest.blocks)).toMatch(
      /\*\*failed\*\*.*one.*The server stopped during cell 1/,
    )
  } finally {
    its.close()
    await alone.close()
    for (const socket of sockets) socket.destroy()
    hanging.close()
    folder.remove()
  }
}, 60_000)
