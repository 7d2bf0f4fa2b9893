// Legal user code that redeclares the names of built-ins: what the kernel gives a cell still works.
import { writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { startStandIn } from '../../../post/test/helpers/relay.ts'
import type { StandIn } from '../../../post/test/helpers/relay.ts'
import { Client } from '../helpers/client.ts'
import { spawnKernel } from '../helpers/kernel.ts'
import type { Spawned } from '../helpers/kernel.ts'

const NAMES = `
  Object Array Number String Symbol Promise RegExp Error
  JSON Math Uint8Array Map Set WeakMap Reflect URL
  Blob Buffer Date Function ArrayBuffer SharedArrayBuffer Int32Array DataView
  Atomics Proxy WeakSet TypeError SyntaxError RangeError AggregateError BigInt
  Boolean Iterator process performance setTimeout clearTimeout setImmediate queueMicrotask
  AbortController AbortSignal Event EventTarget crypto structuredClone fetch TextEncoder
  TextDecoder File MessageChannel console globalThis require parseInt isNaN
  WeakRef FinalizationRegistry Float64Array Intl`
  .trim()
  .split(/\s+/)

let relay: StandIn
let kernel: Spawned
let client: Client

beforeAll(async () => {
  relay = await startStandIn()
  kernel = await spawnKernel({ env: { JUPYTERPOST_URL: relay.url, JUPYTERPOST_TOKEN: 't' } })
  client = await new Client(kernel.connection).connect()
}, 30_000)

afterAll(async () => {
  client.close()
  await kernel.close()
  await relay.close()
})

async function run(code: string) {
  const { reply, iopub } = await client.execute(code, { allow_stdin: true })
  return {
    status: reply.content['status'],
    shown: iopub
      .map(({ content }) => content)
      .filter((content) => 'data' in content || 'ename' in content),
  }
}

test('all that a cell is given works after every built-in was declared anew', async () => {
  await run(`
    const png = Buffer.from('89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c489', 'hex')
    const blob = new Blob(['abc'])
    const file = new URL('file://${kernel.file}')
    const svg = '<svg xmlns="http://www.w3.org/2000/svg"/>'
    const rows = [{ a: 1 }, { a: 2 }]
    const map = new Map([[1, new Set([rows])]])
    const failed = new TypeError('failed', { cause: new AggregateError([new Error('inner')]) })
  `)
  expect(await run(NAMES.map((name) => `let ${name} = 1`).join('\n'))).toEqual({
    status: 'ok',
    shown: [],
  })
  const posted = await run(`
    const p = await post({ message: 'hi', channel: '@me,lab', attachment: [png, blob, file, svg] })
    await p.delivered()
    await p.update('edited', png)
    await (await p.reply('a reply')).delete()
    p
  `)
  expect(posted).toMatchObject({
    status: 'ok',
    shown: [{ data: { 'text/plain': expect.stringContaining('Posted to') } }],
  })
  const [first, reply] = relay.taken
  expect(first?.manifest.blocks).toEqual([
    { type: 'message', text: 'hi' },
    { type: 'image', file: 0 },
    { type: 'file', file: 1 },
    { type: 'file', file: 2 },
    { type: 'file', file: 3 },
  ])
  expect(reply?.manifest.blocks).toEqual([{ type: 'message', text: 'a reply' }])
  expect(relay.changes[0]?.blocks).toEqual([
    { type: 'message', text: 'edited' },
    { type: 'image', file: 0 },
  ])

  expect(
    await run(`
      const bar = await post.progress('@me', 'training', { total: 2 })
      bar.tick({ loss: 0.5 })
      bar.tick('last')
      await bar.done()
    `),
  ).toMatchObject({ status: 'ok' })
  expect(relay.changes.at(-1)?.blocks).toContainEqual(
    expect.objectContaining({ text: expect.stringContaining('2/2') }),
  )
  await run(`const other = await post.progress('@me', 'other'); await other.fail(failed)`)
  expect(relay.changes.at(-1)?.blocks).toContainEqual(
    expect.objectContaining({ type: 'error', message: 'failed' }),
  )

  expect(
    await run(`display(rows).update(map); display.html('<b>hi</b>'); clearOutput()`),
  ).toMatchObject({
    status: 'ok',
    shown: [
      { data: { 'text/html': expect.any(String) } },
      { data: { 'text/plain': expect.stringContaining('1 => Set(1) { [ { a: 1 }, { a: 2 } ] }') } },
      { data: { 'text/html': '<b>hi</b>' } },
    ],
  })
  expect(await run('throw failed')).toMatchObject({
    status: 'error',
    shown: [{ ename: 'TypeError', evalue: 'failed' }],
  })
  expect(
    await run(`comm.open('t', { a: 1 }, { buffers: [png] }).close(); cell.signal.aborted`),
  ).toMatchObject({
    status: 'ok',
    shown: [{ data: {} }, { data: {} }, { data: { 'text/plain': 'false' } }],
  })
  await writeFile(join(dirname(kernel.file), 'local.mjs'), 'export let b = 5')
  expect(
    await run(`
      import { join } from 'node:path'
      import { b } from './local.mjs'
      join('a', 'b') + b
    `),
  ).toMatchObject({ status: 'ok', shown: [{ data: { 'text/plain': "'a/b5'" } }] })
  expect(await run(`import { none } from './local.mjs'; none()`)).toMatchObject({
    shown: [{ ename: 'SyntaxError', evalue: expect.stringContaining("'none'") }],
  })
  expect(await run('%post @me done')).toMatchObject({ status: 'ok' })
})
