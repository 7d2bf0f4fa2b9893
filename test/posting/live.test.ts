// Posts that change, end to end: a separate kernel process, the local relay that it starts, and a
// stand-in Mattermost on a real socket.
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { until } from '../helpers/until.ts'
import { Client } from '../../kernel/test/helpers/client.ts'
import { spawnKernel } from '../../kernel/test/helpers/kernel.ts'
import type { Spawned } from '../../kernel/test/helpers/kernel.ts'
import { RelayFile } from '../../post/relay/relay-file.ts'
import { MattermostServer } from '../../service/test/helpers/mattermost.ts'
import type { Post } from '../../service/test/helpers/mattermost-state.ts'
import { temporaryFolder } from '../../service/test/helpers/relay.ts'
import type { Folder } from '../../service/test/helpers/relay.ts'

const PATCH = /^\/posts\/\w+\/patch$/

let folder: Folder
let chat: MattermostServer
let number = 0
/** Name and id of the channel; each test has its own. */
let room: string
let lab: string
let kernel: Spawned
let client: Client

beforeAll(async () => {
  folder = temporaryFolder()
  chat = await MattermostServer.start()
  chat.addUser(userInfo().username)
  kernel = await spawnKernel({
    env: {
      ...folder.env,
      JUPYTERPOST_OUTPUT_LIMIT_MB: '1',
      MATTERMOST_URL: chat.url,
      MATTERMOST_TOKEN: chat.token,
      MATTERMOST_TEAM: chat.team,
    },
  })
  client = await new Client(kernel.connection).connect()
}, 30_000)

beforeEach(() => {
  number += 1
  room = `lab${number}`
  lab = chat.addChannel(room, [userInfo().username, 'jupyterpost']).id
  rmSync(join(folder.path, 'go'), { force: true })
  chat.state.edits.length = 0
})

afterAll(async () => {
  client.close()
  await kernel.close()
  killRelay()
  await chat.close()
  folder[Symbol.dispose]()
})

/** Pid of the relay that the kernel started; undefined if there is none. */
function relayPid(): number | undefined {
  try {
    const path = join(folder.path, 'runtime', 'relay.json')
    return RelayFile.parse(JSON.parse(readFileSync(path, 'utf8'))).pid
  } catch {
    return undefined // ENOENT: none was started
  }
}

function killRelay(): void {
  const pid = relayPid()
  if (pid !== undefined) process.kill(pid, 'SIGKILL')
}

const inRoom = () => chat.messages(lab)

/**
 * The channel's messages, once they are as wanted: checked after each request that reaches the
 * chat.
 */
async function shown(is: (messages: Post[]) => boolean): Promise<Post[]> {
  const saw = () => inRoom().map((one) => one.message)
  await until(() => is(inRoom()), `the channel shows ${String(is)}`, { saw })
  return inRoom()
}

const only = (text: RegExp) => (messages: Post[]) =>
  messages.length === 1 && text.test(messages[0]?.message ?? '')

/** Runs a cell in which ROOM stands for the test's channel. */
const execute = (code: string) => client.execute(code.replaceAll('ROOM', room))

async function run(code: string): Promise<string> {
  const { reply, iopub } = await execute(code)
  expect(reply.content).toMatchObject({ status: 'ok' })
  return iopub.map(({ content }) => JSON.stringify(content)).join('\n')
}

/** A cell that shows something, then waits for the file `go` in its folder. */
const WAITS = `
const { existsSync } = await import('node:fs')
console.log('started')
while (!existsSync('GO')) await new Promise((resolve) => setTimeout(resolve, 20))
console.log('went on')`
const waits = () => WAITS.replace('GO', join(folder.path, 'go'))
const go = () => writeFileSync(join(folder.path, 'go'), '')

test('%%post --live is one message: running, what it shows, its final state', async () => {
  const answer = execute(`%%post --live ROOM Training${waits()}`)
  await shown(only(/Training[^]*running/))
  await shown(only(/Training[^]*started[^]*running/))
  go()
  expect((await answer).reply.content).toMatchObject({ status: 'ok' })
  const [message] = await shown(only(/started\nwent on/))
  expect(message?.message).not.toContain('running')
  expect(message?.props).toMatchObject({ from_bot: 'true' })
}, 60_000)

test('late output of a live cell is shown after its reply', async () => {
  await run(
    "%%post --live ROOM\\nsetTimeout(() => console.log('late'), 300); console.log('early')".replace(
      '\\n',
      '\n',
    ),
  )
  await shown(only(/early\nlate/))
}, 60_000)

test('the post of a flood has its end, also what the notebook did not show any more', async () => {
  const flood = "for (let n = 0; n < 3000; n++) process.stdout.write(`${'x'.repeat(999)}\\n`)"
  const seen = await run(`%%post ROOM\n${flood}\nconsole.log('the end')`)
  expect(seen).toContain('more than 1 MB of text')
  const [message] = await shown(only(/the whole text is in output\.txt/i))
  expect(message?.message).toMatch(/x\n\n… \d+ KB left out …\n\nx[x\n]+\nthe end\n```/)
}, 60_000)

test('a relay killed while a live cell runs shows its final state once it is back', async () => {
  const answer = execute(`%%post --live ROOM${waits()}`)
  await shown(only(/running/))
  killRelay()
  go()
  expect((await answer).reply.content).toMatchObject({ status: 'ok' })
  await shown(only(/started\nwent on/))
}, 60_000)

test('a chat that is away while a live cell ends gets the final state later, once', async () => {
  const answer = execute(`%%post --live ROOM${waits()}`)
  await shown(only(/started[^]*running/))
  chat.fail('PUT', PATCH, { kind: 'answer', status: 500, body: 'no' }, 3)
  go()
  await answer
  await shown(only(/started\nwent on/))
}, 60_000)

test('a live message that was deleted comes again, in its final state', async () => {
  const answer = execute(`%%post --live ROOM${waits()}`)
  const [message] = await shown(only(/started[^]*running/))
  chat.state.deletePost(message?.id ?? '', chat.bot)
  go()
  await answer
  const [moved] = await shown(only(/started\nwent on/))
  expect(moved?.id).not.toBe(message?.id)
}, 60_000)

test('progress of a loop that never awaits is one message, whose end is shown at once', async () => {
  await run(`var p = await post.progress('ROOM', 'training', { total: 4 })
for (const loss of [0.4, 0.3, 0.2]) p.tick({ loss })
p.tick('last')
await p.done()`)
  const [message] = await shown(only(/\*\*done\*\*/))
  expect(message?.message).toMatch(
    /training[^]*`█{20}` 100 % · 4\/4 · [^]*\*\*done\*\* after[^]*last/,
  )
  expect(chat.state.edits.length).toBeLessThanOrEqual(2)
}, 60_000)

test('progress of a cell that fails ends as failed, with its last step and the error', async () => {
  const { reply } = await execute(`var p = await post.progress('ROOM', 'training', { total: 4 })
p.tick(0.4)
p.tick(0.3)
throw new TypeError('boom')`)
  expect(reply.content).toMatchObject({ status: 'error' })
  const [message] = await shown(only(/\*\*failed\*\*/))
  expect(message?.message).toMatch(/2\/4[^]*0\.3[^]*TypeError: boom/)
}, 60_000)

test('between two edits of one message are 5 s, and the last one is always written', async () => {
  await run(`var p = await post.progress('ROOM', 'training', { total: 9 })
p.tick(); await p.done('one')`)
  await shown(only(/one/))
  await run("p.tick(); await p.done('two')")
  await run("p.tick(); await p.done('three')")
  await shown(only(/three/))
  const [first, second] = chat.state.edits
  expect((second?.at ?? 0) - (first?.at ?? 0)).toBeGreaterThanOrEqual(4900)
  expect(chat.state.edits).toHaveLength(2)
}, 60_000)

test('a handle updates, adds files, replies in its thread, moves and deletes', async () => {
  const png =
    'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='
  await run(`var p = await post('first', 'ROOM'); await p.delivered()
await p.update({ message: 'second', attachment: Buffer.from('${png}', 'base64') })`)
  const [message, added] = await shown((messages) => messages.length === 2)
  expect(message?.message).toContain('second')
  expect(added).toMatchObject({
    root_id: message?.id,
    message: expect.stringMatching(/^\*\*.+\*\* · \*added: attachment-1.png\*$/),
  })
  await run("const r = await p.reply({ message: 'third' }); await r.delivered()")
  await shown((messages) => messages[2]?.root_id === message?.id)
  const said = await run('const { status, url } = await p.delivered(); console.log(status, url)')
  expect(said).toContain(`delivered ${chat.url}/qt/pl/${message?.id}`)
  await run('await p.delete()')
  expect(chat.messages(lab)).toEqual([])
  const again = await execute("await p.update('too late')")
  expect(again.reply.content).toMatchObject({ status: 'error', ename: 'PostError' })
}, 60_000)

test('%autopost posts each later cell, an interrupted one as such, until it is off', async () => {
  await run('%autopost ROOM')
  await run("console.log('one')")
  await shown(only(/one/))
  const msgId = await client.send('execute_request', { code: 'await new Promise(() => {})' })
  await client.until(({ header }) => header.msg_type === 'execute_input' && true)
  await shown(only(/one/))
  await client.ask('interrupt_request', {}, 'control')
  await client.answer(msgId)
  await shown((messages) => messages.length === 2 && /interrupted/.test(messages[1]?.message ?? ''))
  await run('%autopost off')
  await run("console.log('two')")
  await run('%post ROOM three')
  await shown((messages) => messages.length === 3 && /three/.test(messages[2]?.message ?? ''))
}, 60_000)

test('a post that the chat refuses later is told at the next cell', async () => {
  chat.fail('POST', /^\/posts$/, { kind: 'refusal', status: 403, id: 'no' })
  await run('%post ROOM hello')
  await chat.arrived('POST', /^\/posts$/)
  let told = ''
  const isTold = async () => (told = await run('1')).includes('refused later')
  await until(isTold, 'the refusal is told', { saw: () => told })
  expect(told).toContain(
    `The post to ~${room} (Mattermost) was refused later: Mattermost does not allow`,
  )
}, 60_000)

async function matches(code: string): Promise<unknown> {
  const { reply } = await client.ask('complete_request', { code, cursor_pos: code.length })
  return reply.content.matches
}

test('Tab completes flags of a cell, targets of a list and threads used before', async () => {
  await run("await post({ message: 'x', channel: 'inbox:@me', thread: 'run 7' })")
  await run("await post('y', 'inbox:@me')")
  expect(await matches('%%post --li')).toEqual(['--live'])
  expect(await matches('%post --li')).toEqual(['--link'])
  expect(await matches('%post --liv')).toEqual([])
  expect(await matches('%post --thread ')).toEqual(['"run 7"'])
  expect(await matches(`%post @me,${room}`)).toContain(`@me,${room}`)
}, 60_000)

test('secrets of a progress post are masked in each of its states', async () => {
  const token = `ghp_${'a1B2'.repeat(9)}`
  await run(`var p = await post.progress('ROOM', 'with ${token}')
p.tick('used ${token}'); await p.fail(new Error('bad ${token}'))`)
  const [message] = await shown(only(/failed/))
  expect(message?.message).not.toContain(token)
  expect(message?.message).toContain('masked')
}, 60_000)

test('the receipt of a post to the inbox has its address', async () => {
  expect(await run('%post inbox:@me hello')).toMatch(
    /http:\/\/127\.0\.0\.1:\d+\/\?run=\w+#[\w-]{36}\.[\w-]+/,
  )
}, 60_000)

test('posts accepted while the bot token is refused are delivered with the new one', async () => {
  await run('%post ROOM warm')
  await shown(only(/warm/))
  chat.fail('POST', /^\/posts$/, { kind: 'refusal', status: 401, id: 'expired' })
  await run('%post ROOM kept')
  await shown((messages) => messages.length === 2 && /kept/.test(messages[1]?.message ?? ''))
}, 60_000)

test('progress that goes on in a later cell, and was never ended, ends with that cell', async () => {
  await run("var p = await post.progress('ROOM', 'training', { total: 3 })")
  await run('p.tick(1)')
  await shown(only(/\*\*ended at 1\/3\*\* after/))
  await run('p.update(3, 2)')
  await shown(only(/3\/3 ·[^]*\*\*done\*\*/))
}, 60_000)

test('progress whose cell ends right before the kernel is as its cell left it', async () => {
  await run("var p = await post.progress('ROOM', 'training')")
  await run('p.tick(1)')
  await client.ask('shutdown_request', { restart: false }, 'control')
  await shown(only(/1 step ·[^]*\*\*done\*\*/))
  expect(await kernel.exited).toBe(0)
}, 60_000)
