// `post.ask()` in cells, through the real kernel process and its runtime, over HTTP to a stand-in
// relay.
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals'
import { startStandIn } from '../../../post/test/helpers/relay.ts'
import type { StandIn } from '../../../post/test/helpers/relay.ts'
import { isObject } from '../../src/protocol/json.ts'
import { Client } from '../helpers/client.ts'
import type { Answer } from '../helpers/client.ts'
import { spawnKernel } from '../helpers/kernel.ts'
import type { Spawned } from '../helpers/kernel.ts'

let relay: StandIn
let kernel: Spawned
let client: Client

const start = async () => {
  const env = { JUPYTERPOST_URL: relay.url, JUPYTERPOST_TOKEN: 't', JPY_SESSION_NAME: 'run.ipynb' }
  kernel = await spawnKernel({ env })
  client = await new Client(kernel.connection).connect()
}
const stop = async () => {
  client.close()
  await kernel.close()
}

beforeAll(async () => {
  relay = await startStandIn()
  await start()
}, 30_000)

afterEach(async () => {
  // A cell that still waits would hold up the cell of the next test.
  await interrupt()
})

afterAll(async () => {
  await stop()
  await relay.close()
})

const waitFor = () => relay.questions.next()
const interrupt = () => client.ask('interrupt_request', {}, 'control')
const printed = ({ iopub }: Answer) =>
  iopub.map(({ content }) => (typeof content['text'] === 'string' ? content['text'] : '')).join('')

/** The text of the lines below a cell, in the order in which they changed. */
const lines = ({ iopub }: Answer) =>
  iopub
    .filter(({ header }) => header.msg_type.endsWith('display_data'))
    .map(({ header, content: { data } }) => [
      header.msg_type,
      isObject(data) ? data['text/plain'] : undefined,
    ])

test('an answer is the value, and one line under the cell says what becomes of the question', async () => {
  const cell =
    client.execute(`const ok = await post.ask('@me', 'Continue?', ['yes', 'no'], { timeout: '2h' })
console.log([ok, typeof ok])`)
  relay.questions.answer(await waitFor(), 'yes')
  const answer = await cell
  expect(answer.reply.content).toMatchObject({ status: 'ok' })
  expect(printed(answer)).toBe("[ 'yes', 'string' ]\n")
  expect(lines(answer)).toEqual([
    [
      'display_data',
      expect.stringMatching(
        /^Asked @me \(stand-in\): waits for an answer until [-\d]+ [:\d]+ UTC$/,
      ),
    ],
    ['update_display_data', 'Asked @me (stand-in): ada answered: yes'],
  ])
  expect(relay.taken.at(-1)?.manifest).toMatchObject({
    targets: ['@me'],
    blocks: [{ type: 'message', text: 'Continue?' }],
    source: { notebook: 'run.ipynb', executionCount: expect.any(Number) },
    ask: { choices: ['yes', 'no'], timeoutMs: 7_200_000 },
  })
})

test('an answer is never code: it is the text that was said', async () => {
  const cell = client.execute("console.log(await post.ask('@me', 'Rate?'))")
  relay.questions.answer(await waitFor(), '${process.exit()}')
  expect(printed(await cell)).toBe('${process.exit()}\n')
})

test('the line is not captured: %%post has the outputs of the cell alone', async () => {
  const cell = client.execute("%%post lab\nconsole.log(await post.ask('@me', 'Rate?'))")
  relay.questions.answer(await waitFor(), '0.1')
  await cell
  expect(relay.taken.at(-1)?.manifest.blocks).toEqual([
    { type: 'text', stream: 'stdout', text: '0.1' },
  ])
})

test('refusals have their codes, also those found before anything is sent', async () => {
  const cell = client.execute(`import { PostError } from 'jupyterpost'
for (const options of [{ timeout: '2 hours' }, { timeout: '1s' }]) {
  try { await post.ask('@me', 'Rate?', options) } catch (e) { console.log(e instanceof PostError, e.code) }
}`)
  relay.questions.settle(await waitFor(), { state: 'expired' })
  expect(printed(await cell)).toBe('true bad_request\ntrue no_answer\n')
})

test("a question that nobody awaits keeps its cell running, and its error is the cell's", async () => {
  const cell = client.execute("post.ask('@me', 'Continue?', ['yes']); 1")
  const id = await waitFor()
  const { reply } = await client.ask('kernel_info_request')
  expect(reply.content).toMatchObject({ status: 'ok' })
  relay.questions.settle(id, { state: 'failed', error: 'archived' })
  const answer = await cell
  expect(JSON.stringify(answer.iopub)).toContain('The question was not delivered: archived')
})

test('while it waits other requests are answered', async () => {
  const cell = client.execute("await post.ask('@me', 'Continue?')")
  const id = await waitFor()
  const { reply } = await client.ask('complete_request', { code: 'post.a', cursor_pos: 6 })
  expect(reply.content).toMatchObject({ status: 'ok', matches: expect.arrayContaining(['ask']) })
  relay.questions.answer(id, 'x')
  expect((await cell).reply.content).toMatchObject({ status: 'ok' })
})

test('an interrupt ends the wait with the variables kept, and takes the question back', async () => {
  const cell = client.execute("const kept = 7; await post.ask('@me', 'Continue?'); kept")
  const id = await waitFor()
  await interrupt()
  const answer = await cell
  expect(answer.reply.content).toMatchObject({ status: 'error', ename: 'KeyboardInterrupt' })
  await relay.questions.withdrawn(id)
  expect(printed(await client.execute('console.log(kept)'))).toBe('7\n')
  const changed = await client.until(({ content }) =>
    JSON.stringify(content).includes('Asked @me (stand-in): taken back'),
  )
  expect(changed.header.msg_type).toBe('update_display_data')
})

test('an interrupt does not wait for a relay that hangs', async () => {
  const cell = client.execute("await post.ask('@me', 'Continue?')")
  const id = await waitFor()
  relay.questions.hanging = true
  await interrupt()
  expect((await cell).reply.content).toMatchObject({ ename: 'KeyboardInterrupt' })
  // The request to take the question back is still under way.
  expect(relay.questions.givenUp).toBe(0)
  relay.questions.hanging = false
  relay.questions.settle(id, { state: 'withdrawn' })
})

test('questions of callbacks outlive their cell, and the interrupt of another cell', async () => {
  const asking = `let said; setTimeout(async () => {
  said = await post.ask('@me', 'Later?')
  console.log('said', said)
}, 50)`
  const first = await client.execute(asking)
  const id = await waitFor()
  const other = client.execute("await post.ask('@me', 'Now?')")
  const second = await waitFor()
  await interrupt()
  expect((await other).reply.content).toMatchObject({ ename: 'KeyboardInterrupt' })
  await relay.questions.withdrawn(second)
  relay.questions.answer(id, 'fine')
  const late = await client.until(({ content }) => content['text'] === 'said fine\n')
  expect(late.parent['msg_id']).toBe(first.reply.parent['msg_id'])
})

test('two questions at once get each its own answer', async () => {
  const cell = client.execute(`console.log(await Promise.all([
  post.ask('@me', 'First?', ['yes', 'no']), post.ask('@me', 'Second?', ['yes', 'no'])]))`)
  await waitFor()
  await waitFor()
  const count = relay.taken.length
  const isInOrder = JSON.stringify(relay.taken.at(-1)?.manifest.blocks).includes('Second?')
  relay.questions.answer(`post-${count}`, isInOrder ? 'no' : 'yes')
  relay.questions.answer(`post-${count - 1}`, isInOrder ? 'yes' : 'no')
  expect(printed(await cell)).toBe("[ 'yes', 'no' ]\n")
})

test('an AbortSignal takes a question back, with its reason as the error', async () => {
  const cell = client.execute(`const signal = AbortSignal.timeout(300)
try { await post.ask('@me', 'Continue?', { signal }) } catch (e) { console.log(e.name) }`)
  const id = await waitFor()
  await relay.questions.withdrawn(id)
  expect(printed(await cell)).toBe('TimeoutError\n')
})

test('works after a cell took the names of built-ins', async () => {
  await client.execute(
    'let Array = 1, Set = 1, Math = 1, Object = 1, Number = 1, Promise = 1, AbortSignal = 1, Map = 1',
  )
  const cell = client.execute(
    "console.log(await post.ask('@me', 'Continue?', ['yes', 'no'], { timeout: '2h' }))",
  )
  relay.questions.answer(await waitFor(), 'no')
  expect(printed(await cell)).toBe('no\n')
})

test('a runtime that dies takes its questions back', async () => {
  const runtime = Number(printed(await client.execute('console.log(process.pid)')))
  const cell = client.execute("await post.ask('@me', 'Continue?')")
  const id = await waitFor()
  process.kill(runtime, 'SIGKILL')
  expect((await cell).reply.content).toMatchObject({ status: 'error' })
  await relay.questions.withdrawn(id)
}, 20_000)

test.each([false, true])(
  'a kernel that is shut down (restart: %s) takes its questions back',
  async (restart) => {
    await client.send('execute_request', { code: "await post.ask('@me', 'Continue?')" })
    const id = await waitFor()
    await client.ask('shutdown_request', { restart }, 'control')
    await relay.questions.withdrawn(id)
    expect(await kernel.exited).toBe(0)
    await stop()
    await start()
  },
  30_000,
)
