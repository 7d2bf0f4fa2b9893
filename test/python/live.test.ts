// Posts of the Python package that change (handles, progress, `%%post --live`, `%autopost`) in a
// real ipykernel, with a real local relay.
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals'
import { until } from '../helpers/until.ts'
import type { ReadPost } from '../../post/contract/schema.ts'
import { pythonVenv } from '../setup/python.ts'
import { finish } from '../helpers/program.ts'
import { PythonSite } from './helpers/kernel.ts'
import type { Answer } from './helpers/kernel.ts'

// On a loaded machine a kernel takes seconds to start.
jest.setTimeout(120_000)

let site: PythonSite

beforeAll(async () => {
  site = await PythonSite.start('import jupyterpost\nfrom jupyterpost import post')
}, 300_000)

afterAll(async () => {
  await site[Symbol.asyncDispose]()
})

/** Posts that the cell made, oldest first. */
async function posted(code: string, interruptAt?: string) {
  const before = new Set((await site.posts()).map(({ id }) => id))
  const answer = await site.run(code, interruptAt)
  return { ...answer, posts: (await site.posts()).filter(({ id }) => !before.has(id)) }
}

const text = (post: ReadPost | undefined) => JSON.stringify(post?.blocks)
const notices = (answer: Answer) =>
  answer.outputs.flatMap(({ type, data }) =>
    type === 'display_data' ? [data?.['text/plain']] : [],
  )

/** The newest post, once it is as wanted; the relay is asked again and again. */
async function newest(isWished: (post: ReadPost) => boolean): Promise<ReadPost> {
  let post: ReadPost | undefined
  const look = async () => {
    post = (await site.posts()).at(-1)
    return post !== undefined && isWished(post) && post
  }
  return until(look, `the newest post fits ${String(isWished)}`, { saw: () => text(post) })
}

test('what post() gives changes the post, answers in its thread, and takes it back', async () => {
  const { posts, reply } = await posted(
    [
      'p = post("epoch 1", "lab")',
      'assert p.delivered() == "delivered"',
      "p.update(\"epoch 3\", b\"<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'></svg>\")",
      'p.reply("all figures", b"x,y")',
      'mistake = post("too early", "lab")',
      'mistake.delivered()',
      'mistake.delete()',
    ].join('\n'),
  )
  expect(reply.status).toBe('ok')
  expect(posts.map(({ blocks }) => blocks[0])).toEqual([
    { type: 'message', text: 'epoch 3' },
    { type: 'message', text: 'all figures' },
  ])
  expect(posts.map(({ files }) => files.length)).toEqual([1, 1])
  expect(posts[1]?.thread).toBe(posts[0]?.thread)
  expect(posts[1]?.source).toMatchObject({ notebook: 'train.ipynb' })
})

test('a refusal of post() is told without a frame of the package', async () => {
  const { outputs, reply } = await posted('post("x", "@nobody")')
  expect(reply.ename).toBe('PostError')
  const trace = String(outputs.find(({ type }) => type === 'error')?.['traceback'])
  expect(trace).toContain('line 1')
  expect(trace).not.toContain('jupyterpost/')
})

test('a progress post shows its last state; a failed or interrupted cell ends it', async () => {
  const done = await posted(
    'p = post.progress("lab", "training", total=40)\nfor n in range(40): p.tick(loss=1/(n+1), n=n)\np.done()',
  )
  expect(text(done.posts[0])).toMatch(/100 % · 40\/40.*\*\*done\*\*.*loss 0.025 · n 39/)
  const failed = await posted(
    'p = post.progress("lab", "training")\np.tick("halfway")\nraise RuntimeError("no more")',
  )
  expect(text(failed.posts[0])).toMatch(/1 step ·.*\*\*failed\*\*.*halfway.*RuntimeError.*no more/)
  expect(failed.posts[0]?.source).toMatchObject({ status: 'failed', notebook: 'train.ipynb' })
  const interrupted = await posted(
    'import time\np = post.progress("lab", "training")\nprint("started", flush=True)\ntime.sleep(60)',
    'started',
  )
  expect(text(interrupted.posts[0])).toContain('**interrupted**')
})

test('a program that ends stops its progress post', async () => {
  const python = join(await pythonVenv('jupyter'), 'bin/python')
  const code = 'from jupyterpost import post\np = post.progress("lab", "script", total=4)\np.tick()'
  expect(await finish(python, ['-c', code], { env: site.env })).toMatchObject({
    code: 0,
    stderr: '',
  })
  expect(text((await site.posts()).at(-1))).toMatch(/25 % · 1\/4.*\*\*stopped\*\*/)
})

test('--live posts at the start, shows what the cell shows, and ends with its final state', async () => {
  const go = join(site.folder, 'go')
  const cell = posted(
    `%%post --live --attach "${join(site.folder, 'notes.txt')}" lab Run \${n}
import asyncio, os
n = 7
print("waiting")
while not os.path.exists("${go}"): await asyncio.sleep(0.02)
print("went on")
n`,
  )
  const running = await newest((post) => text(post).includes('waiting'))
  expect(running.blocks).toEqual([
    { type: 'text', stream: 'stdout', text: 'waiting' },
    { type: 'notice', text: 'running' },
  ])
  writeFileSync(join(site.folder, 'notes.txt'), 'hello')
  writeFileSync(go, '')
  const { reply, outputs, posts } = await cell
  expect(reply.status).toBe('ok')
  expect(outputs.map(({ type }) => type)).toEqual([
    'display_data',
    'stream',
    'stream',
    'execute_result',
  ])
  expect(posts).toHaveLength(1)
  expect(posts[0]?.blocks).toEqual([
    { type: 'message', text: 'Run 7' },
    { type: 'text', stream: 'stdout', text: 'waiting\nwent on' },
    { type: 'text', stream: 'result', text: '7' },
    { type: 'file', file: 0 },
  ])
  expect(posts[0]?.source).toMatchObject({ executionCount: reply['execution_count'], status: 'ok' })
  expect(existsSync(go)).toBe(true)
})

test('a live cell that fails or is interrupted shows so in its post', async () => {
  const failed = await posted('%%post --live lab\nfrom __future__ import annotations\n1/0')
  expect(failed.reply.ename).toBe('ZeroDivisionError')
  expect(failed.posts).toHaveLength(1)
  expect(failed.posts[0]?.source.status).toBe('failed')
  const interrupted = await posted(
    '%%post --live lab\nimport time\nprint("begun", flush=True)\ntime.sleep(60)',
    'begun',
  )
  expect(interrupted.posts[0]?.source.status).toBe('interrupted')
  expect(text(interrupted.posts[0])).toMatch(/begun.*KeyboardInterrupt/)
})

test.each(['--live ', ''])(
  'a failed cell under %%%%post %sis posted although its title and a file name what it never made',
  async (flag) => {
    const failed = await posted(`%%post ${flag}--attach never.png lab Loss \${loss}\n1/0`)
    expect(failed.reply.ename).toBe('ZeroDivisionError')
    expect(failed.posts[0]?.source.status).toBe('failed')
    expect(text(failed.posts[0])).toMatch(/Loss \$\{loss\}.*ZeroDivisionError.*never\.png/)
  },
)

test('a live post goes with other cell magics, and a cell that does not compile is posted at its end', async () => {
  const timed = await posted('%%post --live lab\n%%time\nprint("timed")')
  expect(timed.posts).toHaveLength(1)
  expect(text(timed.posts[0])).toContain('timed')
  const broken = await posted('%%post --live lab\nx = = 1')
  expect(broken.posts.map(({ source }) => source.status)).toEqual(['failed'])
})

test.each([
  ['%%post --live @nobody\nprint("ran")', 'PostError', '@nobody'],
  ['%%post --live --slow 5m lab\nprint("ran")', 'UsageError', '--live posts when the cell starts'],
  [
    '%%post -r --on error lab\ntext',
    'UsageError',
    '--raw runs nothing, so it cannot be combined with --on',
  ],
  ['%autopost', 'UsageError', 'Expected a TARGET'],
  ['%autopost lab and more', 'UsageError', 'takes no MESSAGE, got "and more"'],
  ['%autopost lab --quux', 'UsageError', 'Unknown flag --quux'],
])('a mistake is told and nothing is run: %j', async (code, ename, words) => {
  const { reply, outputs, posts } = await posted(code)
  expect(reply).toMatchObject({ status: 'error', ename, evalue: expect.stringContaining(words) })
  expect(outputs.map(({ type }) => type)).toEqual(['error'])
  expect(outputs[0]?.['traceback']).toEqual([`${ename}: ${String(reply['evalue'])}`])
  expect(posts).toEqual([])
})

test('%autopost posts the cells that match, without a receipt, and none twice', async () => {
  const on = await posted('%autopost lab --on error\nprint("not this one")')
  expect(notices(on)).toEqual([
    'Cells from the next one on are posted to lab if they failed. %autopost off ends it',
  ])
  expect((await posted('print("fine")')).posts).toEqual([])
  const failed = await posted('print("before")\n1/0')
  expect(failed.posts.map(text)).toEqual([expect.stringMatching(/before.*ZeroDivisionError/)])
  expect(notices(failed)).toEqual([])
  await site.run('%autopost lab')
  const own = await posted('%%post @me\nprint("by itself")')
  expect(own.posts.map(({ target }) => target)).toEqual(['@me'])
  const interrupted = await posted(
    'import time\nprint("slept", flush=True)\ntime.sleep(60)',
    'slept',
  )
  expect(interrupted.posts.map(({ source }) => source.status)).toEqual(['interrupted'])
  expect(notices(await site.run('%autopost off'))).toEqual(['Cells are no longer posted'])
  expect((await posted('print("off")')).posts).toEqual([])
})
