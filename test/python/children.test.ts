// What the notebook shows below a Python cell without this process having written it, and what it
// shows below another cell: forked workers, processes, tasks, in a real ipykernel.
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals'
import { PythonSite } from './helpers/kernel.ts'

// On a loaded machine a kernel takes seconds to start.
jest.setTimeout(120_000)

let site: PythonSite

beforeAll(async () => {
  site = await PythonSite.start('import jupyterpost')
}, 300_000)

afterAll(async () => {
  await site[Symbol.asyncDispose]()
})

/** What the cell showed as text, in the notebook and in its post. */
async function texts(code: string) {
  const { outputs, reply } = await site.run(code)
  expect(reply.status).toBe('ok')
  const post = (await site.posts()).at(-1)
  return {
    notebook: outputs
      .flatMap(({ type, ...content }) => (type === 'stream' ? [content['text']] : []))
      .join(''),
    post: (post?.blocks ?? []).flatMap((block) => ('text' in block ? [block.text] : [])),
    status: post?.source.status,
  }
}

test('what workers of multiprocessing print is posted, where the notebook shows it', async () => {
  const { notebook, post } = await texts(`%%post @me
import multiprocessing
print("before")
with multiprocessing.get_context("fork").Pool(1) as pool:
    pool.map(print, ["one", "two"])
print("after")`)
  expect(post).toEqual(['before\none\ntwo\nafter'])
  expect(notebook).toContain('one\n')
})

test('all of a hundred workers are posted, each line once and before what came after them', async () => {
  const { post } = await texts(`%%post @me
import multiprocessing, sys
def work(n): sys.stdout.write(f"{n}\\n")
workers = [multiprocessing.get_context("fork").Process(target=work, args=(n,)) for n in range(100)]
for worker in workers: worker.start()
for worker in workers: worker.join()
"the end"`)
  const lines = String(post[0]).split('\n')
  expect(lines.map(Number).toSorted((a, b) => a - b)).toEqual([...Array(100).keys()])
  expect(post[1]).toBe("'the end'")
})

test('what a forked worker displays is posted too', async () => {
  const { post } = await texts(`%%post @me
import multiprocessing
from IPython.display import display
def work():
    print("printed")
    display("shown")
worker = multiprocessing.get_context("fork").Process(target=work)
worker.start()
worker.join()
print("after")`)
  expect(post).toEqual(['printed', "'shown'", 'after'])
})

test('what processes write is posted in the order of the notebook', async () => {
  const { notebook, post } = await texts(`%%post @me
import os, subprocess, sys
os.system("echo system")
subprocess.run([sys.executable, "-c", "print('python')"])
print("after")`)
  for (const text of ['system', 'python', 'after']) expect(notebook).toContain(text)
  expect(post).toEqual([notebook.trim()])
})

test('a live post shows what its workers print, and no worker writes to the post', async () => {
  const { post, status } = await texts(`%%post --live @me
import multiprocessing
worker = multiprocessing.get_context("fork").Process(target=print, args=("worker",))
worker.start()
worker.join()`)
  expect(post).toEqual(['worker'])
  expect(status).toBe('ok')
})

test('%post shows what workers printed until then', async () => {
  const { post } = await texts(`import multiprocessing
worker = multiprocessing.get_context("fork").Process(target=print, args=("so far",))
worker.start()
worker.join()
%post @me`)
  expect(post).toEqual(['so far'])
})

test('what a task prints is posted with the cell below which the notebook shows it', async () => {
  await texts(`import asyncio
may_print, has_printed = asyncio.Event(), asyncio.Event()
async def later():
    await may_print.wait()
    print("of the first cell")
    has_printed.set()
task = asyncio.create_task(later())`)
  const { notebook, post } = await texts(`%%post @me
may_print.set()
await has_printed.wait()
print("of the second")`)
  expect(notebook).toBe('of the second\n')
  expect(post).toEqual(['of the second'])
})
