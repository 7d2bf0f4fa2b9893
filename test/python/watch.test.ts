// The watch over cells of a real ipykernel: a real relay, its inbox, whose reader says `stop` and
// `status`, and kernels that are killed, stopped, held up and restarted.
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals'
import type { ReadPost } from '../../post/contract/schema.ts'
import { findLocalRelay } from '../../post/relay/local-relay.ts'
import { authorized } from '../../service/test/helpers/relay.ts'
import { pythonVenv } from '../setup/python.ts'
import { until } from '../helpers/until.ts'
import { PythonSite } from './helpers/kernel.ts'

// On a loaded machine a kernel takes seconds to start.
jest.setTimeout(120_000)

const LEASE_MS = 4000
const SPIN = 'import time\nwhile True: time.sleep(0.02)'
const KILLED = /The kernel was killed during cell \d+ after \d+ s, maybe because/

let site: PythonSite
/** Programs without a kernel, which must not outlive their test. */
const programs: ChildProcess[] = []

beforeEach(async () => {
  site = new PythonSite()
  // No kernel starts a relay of its own in place of one that a test stopped.
  const none = join(site.folder, 'no-relay.mjs')
  writeFileSync(none, 'process.exit(1)')
  site.env.JUPYTERPOST_RELAY = none
  await startRelay()
  await site.startKernel()
  await site.run('import jupyterpost\nfrom jupyterpost import post')
})

afterEach(async () => {
  for (const program of programs.splice(0)) program.kill('SIGKILL')
  await site[Symbol.asyncDispose]()
})

const startRelay = () =>
  site.startRelay(['service/test/fixtures/watching-relay.ts', String(LEASE_MS)])

const textOf = ({ blocks }: ReadPost) => JSON.stringify(blocks)

/** The first post that is as wanted; the relay is asked again and again. */
async function shown(what: string, is: (post: ReadPost) => boolean): Promise<ReadPost> {
  let posts: ReadPost[] = []
  const look = async () => {
    posts = await site.posts().catch(() => [])
    return posts.find(is)
  }
  const saw = () => JSON.stringify(posts.map(({ blocks, source }) => [blocks, source]))
  return until(look, what, { limit: 60_000, saw })
}

const watched = () => shown('a post is watched', (post) => post.watched === true)
const saying = (text: RegExp) => shown(String(text), (post) => text.test(textOf(post)))

async function say(post: ReadPost, text: string): Promise<void> {
  const relay = await findLocalRelay(site.env)
  if (relay?.token === undefined) throw new Error('No relay runs')
  const answer = await fetch(new URL(`api/v1/posts/${post.id}/replies`, relay.url), {
    method: 'POST',
    headers: { ...authorized(relay.token), 'content-type': 'application/json' },
    body: JSON.stringify({ text }),
  })
  expect(answer.ok).toBe(true)
}

async function kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
  process.kill(await site.pid(), signal)
}

/**
 * Resolves when the relay keeps a watch that was renewed after this time. It shows nowhere before
 * there is a post.
 */
async function renewed(after = 0): Promise<void> {
  const path = join(site.folder, 'state/jupyterpost/jupyterpost.sqlite')
  using db = new DatabaseSync(path, { readOnly: true })
  const select = db.prepare('SELECT 1 FROM watch WHERE renewed > ?')
  await until(() => select.get(after), `a watch is renewed after ${after}`)
}

/** The process that watches over a kernel, on Linux: no child of it. */
function watchers(program: number): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      const command = commandOf(pid)
      return (
        command.includes('jupyterpost.posting.watch.watcher') && command.endsWith(`\0${program}\0`)
      )
    })
}

function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8')
  } catch {
    // It ended meanwhile.
    return ''
  }
}

/** A process that ended stays a while as a zombie. */
const isRunning = (pid: number) =>
  existsSync(`/proc/${pid}/stat`) && !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))

test('a kernel that is killed while a live cell runs is told in its post at once, and once', async () => {
  await site.begin(`%%post --live lab Training\nprint("epoch 3", flush=True)\n${SPIN}`)
  const live = await shown(
    'the output',
    (post) => post.watched === true && /epoch 3/.test(textOf(post)),
  )
  const [watcher = 0] = watchers(await site.pid())
  expect(readFileSync(`/proc/${watcher}/environ`, 'utf8')).not.toMatch(/TOKEN|SECRET/)
  await kill()
  const told = await saying(KILLED)
  expect(told.id).toBe(live.id)
  expect(textOf(told)).toMatch(/Training.*epoch 3.*All variables are lost/)
  expect(textOf(told)).not.toContain('"running"')
  expect(told.source).toMatchObject({
    notebook: 'train.ipynb',
    executionCount: 2,
    status: 'failed',
  })
  await shown('nobody watches', ({ id, watched: is }) => id === live.id && is === undefined)
  expect(await site.posts()).toHaveLength(1)
  await until(() => !isRunning(watcher), 'the watching process ends')
})

test('a kernel that is killed while a cell runs under %autopost is told with what it showed last', async () => {
  await site.run('%autopost runs --on error')
  await site.begin(`print("epoch 3", flush=True)\n${SPIN}`)
  await renewed()
  await kill()
  const told = await saying(KILLED)
  expect(textOf(told)).toContain('epoch 3')
  expect(told).toMatchObject({ target: 'runs', source: { executionCount: 3, status: 'failed' } })
  expect(await site.posts()).toHaveLength(1)
})

test('a kernel that is killed while a cell runs under %%post is told with its title, if it posts failures', async () => {
  const begun = join(site.folder, 'begun')
  await site.begin(`%%post lab Training \${n}\nopen("${begun}", "w").close()\n${SPIN}`)
  await until(() => existsSync(begun), 'the cell runs')
  await kill()
  expect(textOf(await saying(KILLED))).toMatch(/Training \$\{n\}/)
  expect(await site.posts()).toHaveLength(1)
})

test('a kernel that is killed while a progress runs is told with how far it was', async () => {
  await site.run('p = post.progress("lab", "training", total=4)\np.tick()')
  await site.begin(`p.tick("halfway")\n${SPIN}`)
  await watched()
  await kill()
  expect(textOf(await saying(KILLED))).toMatch(/50 % · 2\/4.*\*\*failed\*\*.*halfway/)
})

test('what has ended before its kernel is killed keeps its end', async () => {
  const done =
    'for n in range(3):\n    p = post.progress("lab", f"step {n}", total=1); p.tick(); p.done()'
  await site.begin(`%%post --live lab Training\n${done}\nprint("all", flush=True)\n${SPIN}`)
  await shown('the live post', (post) => post.watched === true && /"all"/.test(textOf(post)))
  await kill()
  await saying(KILLED)
  const steps = (await site.posts()).filter((post) => /step \d/.test(textOf(post)))
  expect(steps.map(textOf)).toEqual(Array(3).fill(expect.stringContaining('**done**')))
})

test('a program that is killed while its progress runs is told so; one that ends well leaves nothing', async () => {
  const python = join(await pythonVenv('jupyter'), 'bin/python')
  const code = `from jupyterpost import post\np = post.progress("lab", "script", total=4)\np.tick()\n${SPIN}`
  const program = spawn(python, ['-c', code], { env: site.env, stdio: 'ignore' })
  programs.push(program)
  await watched()
  program.kill('SIGKILL')
  const told = await saying(/The program was killed after \d+ s/)
  expect(textOf(told)).toMatch(/25 % · 1\/4.*\*\*failed\*\*/)
  const well = `import sys, time\nfrom jupyterpost import post\np = post.progress("lab", "second")\nsys.stdin.read()`
  const other = spawn(python, ['-c', well], { env: site.env, stdio: ['pipe', 'ignore', 'inherit'] })
  programs.push(other)
  await watched()
  const [watcher = 0] = watchers(other.pid ?? 0)
  other.stdin?.end()
  expect(await once(other, 'exit')).toEqual([0, null])
  await shown(
    'its end',
    (post) => /second.*\*\*stopped\*\*/.test(textOf(post)) && post.watched === undefined,
  )
  await until(() => !isRunning(watcher), 'the watching process ends')
  expect((await site.posts()).filter((post) => /killed/.test(textOf(post)))).toHaveLength(1)
})

test('a cell that holds all threads of its kernel for longer than the lease is not told as lost', async () => {
  const native = `import ctypes\nctypes.PyDLL(None).sleep(${(LEASE_MS * 2.5) / 1000})`
  const cell = site.run(`%%post --live lab\nprint("before", flush=True)\n${native}\nprint("after")`)
  const live = await watched()
  await say(live, 'status')
  const answer = await saying(/runs native code now, or its process is held/)
  expect(answer.thread).toBe(live.thread)
  expect((await cell).reply.status).toBe('ok')
  await saying(/before.*after/)
  expect((await site.posts()).filter((post) => /contact|killed/.test(textOf(post)))).toEqual([])
})

test('a kernel that is held (SIGSTOP) for longer than the lease is not told as lost, and goes on', async () => {
  await site.begin(`%%post --live lab\n${SPIN}`)
  const live = await watched()
  await kill('SIGSTOP')
  await renewed(Date.now() + 1.5 * LEASE_MS)
  await say(live, 'status')
  await saying(/its process is held/)
  await kill('SIGCONT')
  await say(live, 'stop')
  await shown('interrupted', ({ id, source }) => id === live.id && source.status === 'interrupted')
  expect((await site.posts()).filter((post) => /contact|killed/.test(textOf(post)))).toEqual([])
})

test('"stop" interrupts the cell, only that one, and its thread is told that it has ended', async () => {
  const cell = site.run(`%%post --live lab Training\nimport time\ntime.sleep(600)`)
  const live = await watched()
  await say(live, 'please stop')
  await say(live, ' Stop ')
  expect((await cell).reply).toMatchObject({ status: 'error', ename: 'KeyboardInterrupt' })
  const ended = await shown('its end', ({ id, watched: is }) => id === live.id && is === undefined)
  expect(ended.source.status).toBe('interrupted')
  const heard = join(site.folder, 'heard')
  const next = site.run(`import os\nwhile not os.path.exists("${heard}"): time.sleep(0.02)`)
  await say(live, 'stop')
  await saying(/That cell has ended/)
  writeFileSync(heard, '')
  expect((await next).reply.status).toBe('ok')
})

test('"status" answers in the thread with the last lines, masked, the progress and the time', async () => {
  const code = `API_TOKEN = "abcdefgh" + "12345678"
for n in range(1, 31): print("epoch", n)
print("token", API_TOKEN, flush=True)
import sys; print("not this", file=sys.stderr)
p = post.progress("lab", "steps", total=4); p.tick()
${SPIN}`
  await site.begin(`%%post --live lab Training\n${code}`)
  const live = await shown(
    'the live post',
    (post) => post.watched === true && /Training/.test(textOf(post)),
  )
  await say(live, 'status')
  const answer = await shown('the answer', ({ id, blocks, watched: is }) => {
    return id !== live.id && is === undefined && JSON.stringify(blocks).includes('epoch 30')
  })
  expect(answer.thread).toBe(live.thread)
  expect(answer.source.durationMs).toBeGreaterThan(1000)
  expect(textOf(answer)).toMatch(/steps.*25 %.*token \[masked.*"running"/)
  expect(textOf(answer)).not.toMatch(/abcdefgh|not this|epoch 11\b/)
})

test('a relay that is killed and back goes on with the watch, and a kernel killed meanwhile is told', async () => {
  await site.begin(`%%post --live lab Training\n${SPIN}`)
  const live = await watched()
  await site.stopRelay()
  await startRelay()
  await site.stopRelay()
  await kill()
  await startRelay()
  expect((await saying(KILLED)).id).toBe(live.id)
  expect((await site.posts()).filter((post) => /contact/.test(textOf(post)))).toEqual([])
})

test('a restart by the person ends the post as interrupted, and the next cells are watched', async () => {
  await site.begin(`%%post --live lab Training\n${SPIN}`)
  const live = await watched()
  await site.restart()
  await shown('its end', ({ id, source, watched: is }) => {
    return id === live.id && source.status === 'interrupted' && is === undefined
  })
  await site.run('import jupyterpost')
  await site.begin(`%%post --live lab Second\n${SPIN}`)
  await shown('the second', (post) => post.watched === true && /Second/.test(textOf(post)))
  expect((await site.posts()).filter((post) => /contact|killed/.test(textOf(post)))).toEqual([])
})

test('a person who shuts down a kernel that native code holds up is told nothing new', async () => {
  const held =
    'import ctypes, signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\nwhile True: ctypes.CDLL(None).sleep(1)'
  await site.begin(`%%post --live lab Training\n${held}`)
  const live = await watched()
  await site.restart()
  await shown('its end', ({ id, source, watched: is }) => {
    return id === live.id && source.status === 'interrupted' && is === undefined
  })
  expect((await site.posts()).filter((post) => /contact|killed/.test(textOf(post)))).toEqual([])
})

test('a server that stops, with all its processes, is told by the post of the cell', async () => {
  await site.begin(`%%post --live lab Training\n${SPIN}`)
  const live = await watched()
  const pid = await site.pid()
  const [watcher = 0] = watchers(pid)
  process.kill(watcher, 'SIGTERM')
  process.kill(pid, 'SIGTERM')
  const told = await saying(/The server stopped during cell 2 after \d+ s/)
  expect(told).toMatchObject({ id: live.id, source: { status: 'failed' } })
})

test('a forked worker is not watched, and neither ends the watch nor hides the death of its kernel', async () => {
  await site.begin(
    `%%post --live lab Training\nimport multiprocessing, time\nworker = multiprocessing.get_context("fork").Process(target=time.sleep, args=(5,))\nworker.start()\n${SPIN}`,
  )
  const live = await watched()
  await kill()
  expect((await saying(KILLED)).id).toBe(live.id)
  expect(await site.posts()).toHaveLength(1)
})

test('two kernels at once: the death of one is told in its own post', async () => {
  const other = new PythonSite()
  await other.startKernel({ ...site.env })
  try {
    await other.run('import jupyterpost')
    await other.begin(`%%post --live lab Other\n${SPIN}`)
    await site.begin(`%%post --live lab Own\n${SPIN}`)
    await shown('the other', (post) => post.watched === true && /Other/.test(textOf(post)))
    await shown('the own', (post) => post.watched === true && /Own/.test(textOf(post)))
    await kill()
    expect(textOf(await saying(KILLED))).toContain('Own')
    const still = (await site.posts()).filter((post) => post.watched === true)
    expect(still.map(textOf)).toEqual([expect.stringContaining('Other')])
  } finally {
    await other[Symbol.asyncDispose]()
  }
})
