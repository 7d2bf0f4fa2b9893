// The magics of the Python package in a real ipykernel, with a real local relay.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals'
import { RelayFile, relayFilePath } from '../../post/relay/relay-file.ts'
import { startStandIn } from '../../post/test/helpers/relay.ts'
import { finish } from '../helpers/program.ts'
import { until } from '../helpers/until.ts'
import { PythonSite } from './helpers/kernel.ts'
import type { Answer } from './helpers/kernel.ts'

const PNG =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='

// On a loaded machine a kernel takes seconds to start, and the first completion loads much.
jest.setTimeout(120_000)

let site: PythonSite

beforeAll(async () => {
  site = await PythonSite.start('import jupyterpost')
}, 300_000)

afterAll(async () => {
  await site[Symbol.asyncDispose]()
})

/** The last post that these cells made. */
async function posted(code: string, interruptAt?: string) {
  const before = (await site.posts()).length
  const answer = await site.run(code, interruptAt)
  const posts = await site.posts()
  return { ...answer, count: posts.length - before, post: posts.at(-1) }
}

const shown = (answer: Answer) => answer.outputs.map(({ type }) => type)
const receipts = (answer: Answer) =>
  answer.outputs.flatMap(({ type, data }) =>
    type === 'display_data' ? [data?.['text/plain']] : [],
  )

test("the lines of the original's README post their message", async () => {
  const answer = await posted(
    'def run_long_computation(): pass\nrun_long_computation()\n%post @myself Computation done!',
  )
  const { post, reply } = answer
  expect(reply.status).toBe('ok')
  expect(post?.blocks).toEqual([{ type: 'message', text: 'Computation done!' }])
  expect(post?.source).toMatchObject({ notebook: 'train.ipynb' })
  expect(receipts(answer)[0]).toMatch(/^Posted to your inbox/)
})

test('MESSAGE stays as typed: quotes, blanks, dollars, braces, a question mark; ${expr} is filled in', async () => {
  const message = `don't   "x" -5C $5 {y} \\ it is \${y:.2f} \${"a"}, \\\${z}: who?`
  const { post } = await posted(`y = 1/3\n%post @me ${message}`)
  expect(post?.blocks).toEqual([
    { type: 'message', text: `don't   "x" -5C $5 {y} \\ it is 0.33 a, \${z}: who?` },
  ])
})

test('%%post leaves outputs, Out and the reply as they are, and posts them', async () => {
  const answer = await posted(
    '%%post lab Run ${n}\nn = 7\nprint("10%\\r100%")\nawait __import__("asyncio").sleep(0)\nn',
  )
  expect(answer.reply.status).toBe('ok')
  expect(shown(answer)).toEqual(expect.arrayContaining(['stream', 'execute_result']))
  expect(answer.post?.blocks).toEqual([
    { type: 'message', text: 'Run 7' },
    { type: 'text', stream: 'stdout', text: '100%' },
    { type: 'text', stream: 'result', text: '7' },
  ])
  const { outputs } = await site.run('Out[max(Out)]')
  expect(outputs[0]).toMatchObject({ type: 'execute_result', data: { 'text/plain': '7' } })
})

// No result in this cell: ipykernel itself may show one before the child's text, which it reads
// from a pipe in a thread of its own.
test('what a child process writes is posted', async () => {
  const { post } = await posted(
    '%%post @me\nimport subprocess\nprint("before")\nsubprocess.run(["echo", "child"]);',
  )
  expect(post?.blocks).toEqual([{ type: 'text', stream: 'stdout', text: 'before\nchild' }])
})

test('a failing cell stays failed, and its post shows the error without ANSI and library frames', async () => {
  const answer = await posted(
    '%%post -i @me\nimport json, sys\nprint("before")\nprint("warn", file=sys.stderr)\njson.loads("{")',
  )
  expect(answer.reply).toMatchObject({ status: 'error', ename: 'JSONDecodeError' })
  expect(answer.post?.source.status).toBe('failed')
  expect(answer.post?.blocks).toEqual([
    {
      type: 'code',
      language: 'python',
      text: 'import json, sys\nprint("before")\nprint("warn", file=sys.stderr)\njson.loads("{")',
    },
    { type: 'text', stream: 'stdout', text: 'before' },
    { type: 'text', stream: 'stderr', text: 'warn' },
    {
      type: 'error',
      name: 'JSONDecodeError',
      message: expect.stringContaining('Expecting property name'),
      traceback: expect.stringMatching(/^Cell In\[\d+\], line 5\n {4}json\.loads\("\{"\)$/),
    },
  ])
})

test('a cell that does not compile is posted as failed', async () => {
  const answer = await posted('%%post @me\nx = = 1')
  expect(answer.reply.ename).toBe('SyntaxError')
  expect(answer.post?.blocks[0]).toMatchObject({ type: 'error', name: 'SyntaxError' })
})

test('all images, the final state of updated displays, and what clear_output left', async () => {
  const { post } = await posted(`%%post @me
from base64 import b64decode
from IPython.display import HTML, Image, clear_output, display
print("gone")
clear_output(wait=True)
handle = display("first", display_id=True)
for _ in range(3): display(Image(b64decode("${PNG}")))
handle.update("last")
display(HTML("<table><tr><th>a</th></tr><tr><td>1</td></tr></table>"))`)
  expect(post?.blocks).toEqual([
    { type: 'text', stream: 'result', text: "'last'" },
    { type: 'image', file: 0, alt: '<IPython.core.display.Image object>' },
    { type: 'image', file: 1, alt: '<IPython.core.display.Image object>' },
    { type: 'image', file: 2, alt: '<IPython.core.display.Image object>' },
    { type: 'table', columns: ['a'], rows: [['1']] },
  ])
  expect(post?.files.map(({ mimetype }) => mimetype)).toEqual(Array(3).fill('image/png'))
})

test('figures that appear when the cell has run, as those of matplotlib, are posted', async () => {
  const { post } = await posted(`%%post @me
from base64 import b64decode
from IPython.display import Image, display
def flush_figures():
    get_ipython().events.unregister("post_execute", flush_figures)
    display(Image(b64decode("${PNG}")))
get_ipython().events.register("post_execute", flush_figures)`)
  expect(post?.blocks[0]).toMatchObject({ type: 'image', file: 0 })
})

test('%post without MESSAGE posts what the cell showed so far, or first in its cell the last finished one', async () => {
  await site.run('print("earlier")')
  const first = await posted('# look\n%post @me\nprint("later")')
  expect(first.post?.blocks).toEqual([{ type: 'text', stream: 'stdout', text: 'earlier' }])
  expect(receipts(first)[0]).toMatch(/^Posted the output of In \[\d+\] to your inbox/)
  const sofar = await posted('print("so far")\n%post @me\nprint("not this")')
  expect(sofar.post?.blocks).toEqual([{ type: 'text', stream: 'stdout', text: 'so far' }])
})

test('-r posts the body and runs nothing', async () => {
  const { post, outputs } = await posted('%%post -r @me Title\n**bold** ${1}\nprint("no")')
  expect(post?.blocks).toEqual([{ type: 'message', text: 'Title\n\n**bold** ${1}\nprint("no")' }])
  expect(outputs.map(({ type }) => type)).toEqual(['display_data'])
})

test.each([
  ['%%post --quux @me\nprint("ran")', 'Unknown flag --quux'],
  ['%%post ../x\nprint("ran")', 'is no target'],
  ['%%post\nprint("ran")', 'Expected a TARGET'],
  ['%%post @me ${\nprint("ran")', 'is never closed. To have `${` as text, write `\\${`'],
  ['%post @me ${1 +}', 'holds no valid expression'],
  ['%%post --slow 5 @me\nprint("ran")', '--slow takes a time like 30s'],
])('a mistake is told with the usage and nothing is run: %j', async (code, words) => {
  const answer = await posted(code)
  expect(answer.reply).toMatchObject({ status: 'error', ename: 'UsageError' })
  expect(answer.reply.evalue).toContain(words)
  expect(shown(answer)).toEqual(['error'])
  expect(answer.count).toBe(0)
})

test('a post that is refused is the error of its cell, in words and without a stack', async () => {
  const answer = await posted('%%post @nobody\nprint("ran")')
  expect(answer.reply).toMatchObject({ status: 'error', ename: 'PostError' })
  const error = answer.outputs.find(({ type }) => type === 'error')
  expect(error?.traceback).toEqual([`PostError: ${String(answer.reply.evalue)}`])
})

test('a cell that raises in ${} names the error, at its own lines; a title does not stop its post', async () => {
  await site.run('def share(x): return 1/x')
  for (const [code, posts] of [
    ['%post @me ${share(0)}', 0],
    ['%%post @me Share ${share(0)}\nprint("trained")', 1],
    ['%%post --live @me Share ${share(0)}\nprint("trained")', 1],
  ] as const) {
    const { reply, outputs, count, post } = await posted(code)
    expect(reply).toMatchObject({ status: 'error', ename: 'ZeroDivisionError' })
    const trace = String(outputs.find(({ type }) => type === 'error')?.['traceback'])
    expect(trace).toMatch(/def\S* share/)
    expect(trace).not.toMatch(/jupyterpost|Could not get source/)
    expect(count).toBe(posts)
    if (posts === 0) continue
    expect(post?.blocks).toMatchObject([
      { type: 'message', text: 'Share ${share(0)}' },
      { type: 'text', text: 'trained' },
    ])
    expect(post?.source.status).toBe('ok')
  }
})

test('an interrupted cell is not posted, unless --on always was typed', async () => {
  const body = 'import time\nprint("started", flush=True)\ntime.sleep(60)'
  const plain = await posted(`%%post @me\n${body}`, 'started')
  expect(plain.reply.ename).toBe('KeyboardInterrupt')
  expect(plain.count).toBe(0)
  expect(receipts(plain)).toEqual([
    'Interrupted, not posted. %post @me posts what the cell showed.',
  ])
  const always = await posted(`%%post --on always @me\n${body}`, 'started')
  expect(always.reply.ename).toBe('KeyboardInterrupt')
  expect(always.post?.source.status).toBe('interrupted')
})

test('what another cell magic takes is not posted', async () => {
  const inside = await posted('%%post @me\n%%capture text\nprint("captured")')
  expect(inside.post?.blocks[0]).toMatchObject({ type: 'notice' })
})

const number = (answer: Answer) => answer.reply.execution_count

test.each([
  ['%%time', 'print("ran")', /^ran\nCPU times: /],
  ['%%timeit -n2 -r1', 'print("ran")', /^ran\nran\n.* per loop/],
  ['%%bash', 'echo ran', /^ran$/],
  ['%%capture text', 'print("ran")', /^No output/],
])('%s above %%%%post is the same as below it', async (magic, body, text) => {
  for (const code of [`%%post lab\n${magic}\n${body}`, `${magic}\n\n%%post lab\n${body}`]) {
    const answer = await posted(code)
    expect([code, answer.reply.status, answer.count]).toEqual([code, 'ok', 1])
    expect(answer.post?.source).toMatchObject({
      notebook: 'train.ipynb',
      executionCount: number(answer),
    })
    expect(answer.post?.blocks).toMatchObject([{ text: expect.stringMatching(text) }])
  }
})

test('%%writefile writes a line %%post into its file', async () => {
  const { count } = await posted('%%writefile written.py\n%%post lab\nprint(1)')
  expect(count).toBe(0)
  const { outputs } = await site.run('print(open("written.py").read())')
  expect(outputs[0]).toMatchObject({ text: '%%post lab\nprint(1)\n\n' })
})

test('the source that -i posts has the other cell magics, wherever %%post stands', async () => {
  const { post } = await posted('%%time\n%%post -i lab\n1')
  expect(post?.blocks[0]).toEqual({ type: 'code', language: 'python', text: '%%time\n1' })
})

test('in VS Code the notebook is the one that its variable names', async () => {
  await site.run('__vsc_ipynb_file__ = "/home/ada/code.ipynb"')
  const { post } = await posted('%post @me hello')
  expect(post?.source).toMatchObject({ notebook: 'code.ipynb' })
  await site.run('del __vsc_ipynb_file__')
})

test('secrets of the notebook are masked, --preview sends nothing', async () => {
  const code = 'api_key = "a-very-own-value"\nprint(api_key)'
  const { post } = await posted(`%%post @me\n${code}`)
  expect(post?.blocks).toEqual([{ type: 'text', stream: 'stdout', text: '[masked: api_key]' }])
  const preview = await posted(`%%post --preview @me\n${code}`)
  expect(preview.count).toBe(0)
  expect(receipts(preview)[0]).toMatch(/nothing was posted[^]*\[masked: api_key\]/)
})

test('post() takes a figure or bytes and shows its receipt, which is not captured', async () => {
  const { post, outputs } = await posted(
    `%%post lab\nfrom base64 import b64decode\njupyterpost.post("plot", "@me", b64decode("${PNG}"))`,
  )
  expect(outputs[0]).toMatchObject({ type: 'execute_result' })
  expect(post?.blocks[0]).toMatchObject({
    type: 'notice',
    text: expect.stringMatching('No output'),
  })
  const own = (await site.posts()).at(-2)
  expect(own?.blocks).toEqual([
    { type: 'message', text: 'plot' },
    { type: 'image', file: 0 },
  ])
})

test('unloaded, %post is unknown and post() knows no notebook; loaded again, both are back', async () => {
  await site.run('jupyterpost.unload_ipython_extension(get_ipython())')
  const gone = await posted('%post @me gone')
  expect(gone.reply).toMatchObject({ status: 'error', ename: 'UsageError' })
  expect(gone.count).toBe(0)
  const bare = await posted('jupyterpost.post("bare", "@me")')
  expect(bare.count).toBe(1)
  expect(bare.post?.source).not.toHaveProperty('notebook')
  await site.run('%load_ext jupyterpost')
  const back = await posted('jupyterpost.post("back", "@me")\n%post @me both')
  expect(back.count).toBe(2)
  expect((await site.posts()).slice(-2).map(({ source }) => source)).toEqual(
    Array(2).fill(expect.objectContaining({ notebook: 'train.ipynb' })),
  )
})

test('flags and targets are completed', async () => {
  expect(await site.complete('%post --th')).toContain('--thread')
  expect(await site.complete('%post la')).toContain('lab')
  expect(await site.complete('%%post --li')).toContain('--live')
  expect(await site.complete('%autopost --sl')).toContain('--slow')
})

test('--link asks the relay and posts nothing; more than one word is a mistake', async () => {
  const answer = await posted('%post --link ada')
  expect(receipts(answer)).toEqual(['inbox needs no account to be linked'])
  expect(answer.count).toBe(0)
  const refused = await posted('%post --link ada @me hello')
  expect(refused.reply).toMatchObject({ status: 'error', ename: 'UsageError' })
  expect(refused.count).toBe(0)
  expect(await site.complete('%post --li')).toContain('--link')
})

test('--attach takes files from the folder of the notebook', async () => {
  const path = join(site.folder, 'notes.txt')
  writeFileSync(path, 'hello')
  const { post } = await posted(`%post --attach "${path}" --thread run7 @me see`)
  expect(post?.files).toMatchObject([{ name: 'notes.txt', mimetype: 'text/plain' }])
  expect(post?.thread).toBe('run7')
})

test('posts of a relay that is away are kept, and the CLI sends them, once', async () => {
  const first = await startStandIn()
  const port = Number(new URL(first.url).port)
  await first.close()
  const address = { JUPYTERPOST_URL: first.url, JUPYTERPOST_TOKEN: 'own-token' }
  const set = Object.entries(address).map(([name, value]) => `%env ${name}=${value}`)
  await site.run(set.join('\n'))
  const answer = await site.run('%%post --quiet @me Kept ü\nprint("kept")')
  expect(answer.reply.status).toBe('ok')
  expect(receipts(answer)).toEqual([
    `Not posted yet: the relay at http://127.0.0.1:${port} refuses connections: it does not run, or JUPYTERPOST_URL is wrong. It is kept and sent to @me when the relay can be reached.`,
  ])
  const relay = await startStandIn(port)
  try {
    const cli = join(import.meta.dirname, '../../cli/main.ts')
    const env = { ...site.env, ...address }
    for (const _ of ['first', 'again']) {
      expect(await finish(process.execPath, [cli, 'spool', 'send'], { env })).toMatchObject({
        code: 0,
      })
    }
    expect(relay.taken.map(({ manifest }) => manifest.blocks)).toEqual([
      [
        { type: 'message', text: 'Kept ü' },
        { type: 'text', stream: 'stdout', text: 'kept' },
      ],
    ])
    // And the other way round: posts that were already there go first.
    await site.run('%post @me after')
    expect(relay.taken.map(({ authorization }) => authorization)).toEqual(
      Array(2).fill('token own-token'),
    )
  } finally {
    await relay.close()
  }
})

test('a post that the chat refuses later is told at the next cell, once', async () => {
  const relay = await startStandIn()
  try {
    relay.end = { status: 'dead', error: 'the channel *lab* is archived' }
    await site.run(`%env JUPYTERPOST_URL=${relay.url}\n%env JUPYTERPOST_TOKEN=own-token`)
    await site.run('%post --quiet @me hello')
    const told: unknown[] = []
    const isTold = async () => told.push(...receipts(await site.run('1'))) > 0
    await until(isTold, 'the refusal is told', { saw: () => relay.requests })
    const line = /^The post to .* was refused later: the channel \*lab\* is archived$/
    expect(told).toEqual([expect.stringMatching(line)])
    expect(receipts(await site.run('1'))).toEqual([])
  } finally {
    await relay.close()
  }
})

test('without a relay the first post starts the one of this machine', async () => {
  await site.stopRelay()
  await site.run('%env JUPYTERPOST_URL=local')
  const { reply } = await site.run('%post @me started')
  expect(reply.status).toBe('ok')
  const { pid } = RelayFile.parse(JSON.parse(readFileSync(relayFilePath(site.env), 'utf8')))
  try {
    expect((await site.posts()).at(-1)?.blocks).toEqual([{ type: 'message', text: 'started' }])
  } finally {
    process.kill(pid, 'SIGTERM')
  }
})
