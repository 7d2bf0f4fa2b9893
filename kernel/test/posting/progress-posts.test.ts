// What ends a progress post if its code cannot: a failed cell, a dead runtime, a kernel that ends.
import { beforeEach, expect, jest, test } from '@jest/globals'
import { within } from '../../../test/helpers/until.ts'
import type { PostContent, StoredPost } from '../../../post/contract/schema.ts'
import type { ProgressState } from '../../../post/api/progress-state.ts'
import { OpenPosts } from '../../src/posting/open-posts.ts'
import { ProgressPosts } from '../../src/posting/progress-posts.ts'
import type { Outcome } from '../../src/runtime/runtime.ts'

const FAILED: Outcome = {
  status: 'error',
  interrupted: false,
  error: { ename: 'TypeError', evalue: 'boom', traceback: [] },
}

let open: OpenPosts
let progress: ProgressPosts
let changes: PostContent[]
let written: () => void
/** Changing a post at the relay waits for this. */
let relay: Promise<void>

beforeEach(() => {
  changes = []
  written = () => undefined
  relay = Promise.resolve()
  open = new OpenPosts()
  progress = new ProgressPosts(open)
})

const transport = {
  post: () => Promise.reject(new Error('the post was there')),
  async change(id: string, content: PostContent): Promise<StoredPost> {
    changes.push(content)
    written()
    await relay
    return { id, target: '', destination: '', status: 'delivered', notices: [] }
  },
}

async function tick(cellId: string, change: Partial<ProgressState> = {}): Promise<void> {
  const state: ProgressState = {
    title: 't',
    count: 1,
    startedAt: Date.now(),
    line: '',
    status: 'running',
    ...change,
  }
  const report = { key: 'k', targets: ['lab'], thread: 'run', ids: ['1'], state }
  await progress.report(report, transport, cellId, { notebook: 'a.ipynb', executionCount: 3 })
}

const oneWritten = () => {
  const { promise, resolve } = Promise.withResolvers<void>()
  written = resolve
  return within(promise, 'a change is written', { saw: () => changes })
}
const shown = () => JSON.stringify(changes.at(-1))

test('a failed cell ends what it ticked, with the ticks that arrive after its end', async () => {
  await tick('a')
  progress.cellEnded('a', FAILED)
  await tick('a', { line: 'the last' })
  await oneWritten()
  expect(shown()).toMatch(/failed.*the last.*TypeError.*boom.*a\.ipynb/)
  expect(changes.at(-1)?.source).toMatchObject({ status: 'failed', executionCount: 3 })
  await open.close()
  expect(changes).toHaveLength(1)
})

test('the end of the kernel stops it', async () => {
  await tick('a')
  progress.cellEnded('b', FAILED)
  await open.close()
  expect(changes).toHaveLength(1)
  expect(shown()).toContain('**stopped**')
})

test.each([
  [{ count: 3, total: 5 }, '**ended at 3/5** after'],
  [{ count: 5, total: 5 }, '**done** after'],
  [{ count: 2 }, '**done** after'],
])(
  'a cell that ends well ends what it ticked: %j shows %s, and no time that is left',
  async (state, text) => {
    await tick('a', { ...state, startedAt: Date.now() - 10_000 })
    const end = oneWritten()
    progress.cellEnded('a', { status: 'ok' })
    await end
    expect(shown()).toContain(text)
    expect(shown()).not.toContain(' left')
    expect(progress.blocksOf('a')).toEqual([])
  },
)

test('a later tick goes on, and what ticks behind its cell ends a minute after its last tick', async () => {
  jest.useFakeTimers({ doNotFake: ['performance'] })
  try {
    await tick('a', { total: 5 })
    progress.cellEnded('a', { status: 'ok' })
    await jest.advanceTimersByTimeAsync(300)
    expect(shown()).toContain('**ended at 1/5**')
    await tick('a', { total: 5, count: 2 })
    await jest.advanceTimersByTimeAsync(50_000)
    await tick('a', { total: 5, count: 3 })
    await jest.advanceTimersByTimeAsync(50_000)
    expect(shown()).toContain('3/5')
    expect(shown()).not.toContain('**')
    await jest.advanceTimersByTimeAsync(20_000)
    expect(shown()).toContain('**ended at 3/5**')
  } finally {
    jest.useRealTimers()
  }
})

test('what is asked for while a cell ticks is how far it is', async () => {
  await tick('a', { total: 5, line: 'loss 0.3' })
  expect(JSON.stringify(progress.blocksOf('a'))).toMatch(/20 % · 1\/5.*loss 0\.3/)
  expect(progress.blocksOf('b')).toEqual([])
})

test('a kernel that ends right after a cell failed shows it as failed, not as stopped', async () => {
  await tick('a')
  progress.cellEnded('a', FAILED)
  await open.close()
  expect(changes).toHaveLength(1)
  expect(shown()).toMatch(/failed.*TypeError.*boom/)
})

test('a kernel that ends while the last state is on its way waits for it, once', async () => {
  const { promise, resolve } = Promise.withResolvers<void>()
  relay = promise
  await tick('a')
  progress.cellEnded('a', FAILED)
  await oneWritten()
  let isClosed = false
  const closed = open.close().then(() => (isClosed = true))
  await new Promise(setImmediate)
  expect(isClosed).toBe(false)
  resolve()
  await closed
  expect(changes).toHaveLength(1)
  expect(shown()).toMatch(/failed.*TypeError.*boom/)
})

test('another cell that goes on with it is not ended by the one that failed', async () => {
  await tick('a')
  progress.cellEnded('a', FAILED)
  await tick('b')
  await open.close()
  expect(shown()).toContain('**stopped**')
})

test('a runtime that dies between two cells fails it', async () => {
  await tick('a')
  const end = oneWritten()
  progress.runtimeLost('out of memory')
  await end
  expect(shown()).toMatch(/failed.*RuntimeLost.*out of memory/)
})

test('one that was ended is ended once', async () => {
  await tick('a')
  await tick('a', { status: 'done' })
  progress.cellEnded('a', FAILED)
  progress.runtimeLost('gone')
  await open.close()
  expect(changes).toHaveLength(1)
  expect(shown()).toContain('**done**')
})
