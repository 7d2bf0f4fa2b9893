// Questions end to end: a separate kernel process, the local relay that it starts, and a person who
// answers in the inbox.
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { until } from '../helpers/until.ts'
import { Client } from '../../kernel/test/helpers/client.ts'
import type { Answer } from '../../kernel/test/helpers/client.ts'
import { spawnKernel } from '../../kernel/test/helpers/kernel.ts'
import type { Spawned } from '../../kernel/test/helpers/kernel.ts'
import { RelayFile } from '../../post/relay/relay-file.ts'
import { Feed } from '../../post/contract/schema.ts'
import type { ReadPost } from '../../post/contract/schema.ts'
import { authorized, events, temporaryFolder } from '../../service/test/helpers/relay.ts'
import type { Folder } from '../../service/test/helpers/relay.ts'

let folder: Folder
let kernel: Spawned
let client: Client

beforeAll(async () => {
  folder = temporaryFolder()
  kernel = await spawnKernel({ env: { ...folder.env, JPY_SESSION_NAME: 'work/train.ipynb' } })
  client = await new Client(kernel.connection).connect()
  await client.execute("await post('the first post starts the relay', '@me')")
}, 60_000)

afterAll(async () => {
  client.close()
  await kernel.close()
  process.kill(at().pid, 'SIGTERM')
  folder[Symbol.dispose]()
})

/** The relay that runs now. */
const at = () => {
  const path = join(folder.path, 'runtime', 'relay.json')
  const file = RelayFile.parse(JSON.parse(readFileSync(path, 'utf8')))
  return { ...file, url: `http://127.0.0.1:${file.port}/` }
}

async function feed(): Promise<ReadPost[]> {
  const answer = await fetch(new URL('api/v1/posts', at().url), {
    headers: authorized(at().token),
  })
  return Feed.parse(await answer.json()).posts
}

/** The post of a question once it is as wanted: checked whenever a post changes. */
async function question(text: string, state: string, status = 'delivered'): Promise<ReadPost> {
  for await (const _ of events(at(), '0')) {
    const found = (await feed()).find(
      (post) =>
        JSON.stringify(post.blocks).includes(text) &&
        post.question?.answer.state === state &&
        post.status === status,
    )
    if (found) return found
  }
  throw new Error(`there is no ${state} question ${text}`)
}

/** A person replies to a question in the inbox. */
async function reply(text: string, said: string): Promise<void> {
  const { id } = await question(text, 'open')
  const answer = await fetch(new URL(`api/v1/posts/${id}/replies`, at().url), {
    method: 'POST',
    headers: { ...authorized(at().token), 'content-type': 'application/json' },
    body: JSON.stringify({ text: said }),
  })
  expect(answer.status).toBe(201)
}

const printed = ({ iopub }: Answer) =>
  iopub.map(({ content }) => (typeof content['text'] === 'string' ? content['text'] : '')).join('')
const interrupt = () => client.ask('interrupt_request', {}, 'control')

test('a number in the inbox is the choice in the cell, and the post shows it', async () => {
  const cell = client.execute(
    "console.log(await post.ask('@me', 'Continue with lr=0.1?', ['yes', 'no'], { timeout: '2h' }))",
  )
  await reply('lr=0.1', '2')
  const answer = await cell
  expect(printed(answer)).toBe('no\n')
  const post = await question('lr=0.1', 'answered')
  expect(post).toMatchObject({
    source: { notebook: 'train.ipynb' },
    question: { choices: ['yes', 'no'], answer: { answer: 'no', by: post.from } },
  })
  expect(JSON.stringify(answer.iopub)).toMatch(
    /Asked your inbox: waits for an answer until .* · http.*Asked your inbox: \S+ answered: no · http/,
  )
})

test('without choices any text is the answer', async () => {
  const cell = client.execute("console.log(await post.ask('@me', 'Which rate?'))")
  await reply('Which rate?', '${1 + 1} is *not* run')
  expect(printed(await cell)).toBe('${1 + 1} is *not* run\n')
})

test('nobody answers: otherwise, and no_answer', async () => {
  const cell = await client.execute(`
console.log(await post.ask('@me', 'Anybody?', ['yes'], { timeout: '1s', otherwise: 'nobody' }))
try { await post.ask('@me', 'Nobody?', { timeout: '1s' }) } catch (error) { console.log(error.code) }`)
  expect(printed(cell)).toBe('nobody\nno_answer\n')
})

test('channels and lists are refused before they are posted', async () => {
  const cell = await client.execute(`for (const target of ['~lab', '@me,@ada']) {
  try { await post.ask(target, 'Who?') } catch (error) { console.log(error.code) }
}`)
  expect(printed(cell)).toBe('bad_target\nbad_target\n')
})

test('an interrupt takes the question back where it was asked', async () => {
  const cell = client.execute("await post.ask('@me', 'Is anybody there?', ['yes'])")
  await question('Is anybody there?', 'open')
  await interrupt()
  expect((await cell).reply.content).toMatchObject({ ename: 'KeyboardInterrupt' })
  await question('Is anybody there?', 'withdrawn')
})

test('a relay that is killed and comes back still has the question, and brings its answer', async () => {
  const cell = client.execute("console.log(await post.ask('@me', 'Still there?', ['yes', 'no']))")
  await question('Still there?', 'open')
  const before = at().pid
  process.kill(before, 'SIGKILL')
  // Who waits starts the next one.
  await until(async () => {
    const { reply: info } = await client.ask('kernel_info_request')
    expect(info.content).toMatchObject({ status: 'ok' })
    return at().pid !== before
  }, 'another relay runs')
  await reply('Still there?', 'YES')
  expect(printed(await cell)).toBe('yes\n')
}, 60_000)

test('a kernel that is shut down takes its question back', async () => {
  await client.send('execute_request', { code: "await post.ask('@me', 'A last word?')" })
  await question('A last word?', 'open')
  await client.ask('shutdown_request', { restart: false }, 'control')
  await question('A last word?', 'withdrawn')
  expect(await kernel.exited).toBe(0)
})
