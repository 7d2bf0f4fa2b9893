// The watch of a kernel over its running cell: when it starts, what ends it, and which commands of
// the relay it obeys.
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals'
import { PostError } from '../../../post/contract/error.ts'
import type { Block, Post } from '../../../post/contract/schema.ts'
import type { Command, WatchManifest, WatchState } from '../../../post/contract/watch.ts'
import type { CapturedOutput, CellOutputs } from '../../src/capture/outputs.ts'
import { outputText } from '../../src/posting/cell-status.ts'
import type { ShownAt, WatchRelay } from '../../src/posting/cell-watch.ts'
import { CellWatches } from '../../src/posting/cell-watches.ts'

const AWAY = new PostError('relay_away', 'No answer')
const UNKNOWN = new PostError('unknown_watch', 'There is no such watch')

const hidden = (text: string) => text.replaceAll('hunter2', '[masked]')

/** A relay that remembers its requests, and answers as the test wants. */
class ScriptedRelay implements WatchRelay {
  readonly asked: string[] = []
  readonly ids = new Set<string>()
  readonly manifests: WatchManifest[] = []
  readonly posted: Post[] = []
  /** Errors for the next requests. */
  readonly failures: PostError[] = []
  leaseMs = 180_000
  /** Storing a watch waits for this. */
  storing: Promise<void> = Promise.resolve()
  #waiting: ((state: WatchState) => void) | undefined
  #seq = 0

  async putWatch(id: string, manifest: WatchManifest): Promise<WatchState> {
    this.#ask('put', id)
    this.manifests.push(manifest)
    await this.storing
    return { leaseMs: this.leaseMs, commands: [] }
  }

  async commands(
    id: string,
    { after, wait }: { after: number; wait: number },
    signal?: AbortSignal,
  ): Promise<WatchState> {
    this.#ask(`listen after ${after} for ${wait} s`, id)
    return new Promise((resolve, reject) => {
      this.#waiting = resolve
      signal?.addEventListener('abort', () => reject(new Error('aborted')))
      if (signal?.aborted === true) reject(new Error('aborted'))
    })
  }

  async endWatch(id: string): Promise<void> {
    this.#ask('end', id)
  }

  async post(post: Post) {
    this.posted.push(post)
    return { kind: 'accepted' as const, posts: [], notices: [] }
  }

  async masked(post: Post) {
    const blocks = post.blocks.map((block) =>
      block.type === 'text' ? { ...block, text: hidden(block.text) } : block,
    )
    const thread = post.thread === undefined ? {} : { thread: hidden(post.thread) }
    return { post: { ...post, ...thread, blocks } }
  }

  say(command: Command, post?: string): void {
    this.#seq += 1
    const said = { seq: this.#seq, command, ...(post === undefined ? {} : { post }) }
    this.#waiting?.({ leaseMs: this.leaseMs, commands: [said] })
  }

  answer(state: WatchState): void {
    this.#waiting?.(state)
  }

  #ask(what: string, id: string): void {
    this.asked.push(what)
    this.ids.add(id)
    const failure = this.failures.shift()
    if (failure) throw failure
  }
}

function cellOf(cellId: string, outputs: CapturedOutput[] = []): CellOutputs {
  const fixed = { cellId, executionCount: 12, source: 'train()', leftOut: [] }
  return { ...fixed, startedAt: Date.now(), endedAt: undefined, status: 'running', outputs }
}

const LIVE = { targets: ['lab', '@me'], thread: 'run 7', ids: ['p1', 'p2'] }

let relay: ScriptedRelay
let stopped: string[]
/** What the progress posts of the cell show. */
let ticked: Block[]
let cells: CellWatches
beforeEach(() => {
  jest.useFakeTimers()
  relay = new ScriptedRelay()
  stopped = []
  ticked = []
  const stop = (cellId: string) => void stopped.push(cellId)
  const progress = (cellId: string) => (cellId === 'a' ? ticked : [])
  cells = new CellWatches({ relay, notebook: 'train.ipynb', stop, progress })
})
afterEach(() => {
  jest.useRealTimers()
})

const pass = (ms: number) => jest.advanceTimersByTimeAsync(ms)

async function started(shownAt: ShownAt = LIVE, outputs: CapturedOutput[] = []): Promise<void> {
  cells.cellStarted(cellOf('a', outputs))
  cells.tell('a', shownAt)
  await pass(2000)
}

test('the answer to "status" of a cell that only ticks is how far it is', async () => {
  await started()
  ticked = [
    { type: 'message', text: 'training' },
    { type: 'markdown', text: '3/5' },
  ]
  relay.say('status', 'p1')
  await pass(0)
  expect(relay.posted[0]?.blocks).toEqual([...ticked, { type: 'notice', text: 'running' }])
})

test('a cell that is over within two seconds makes no request', async () => {
  for (let n = 0; n < 100; n += 1) {
    cells.cellStarted(cellOf('a'))
    cells.tell('a', LIVE)
    await pass(1900)
    cells.cellEnded('a')
  }
  await pass(60_000)
  expect(relay.asked).toEqual([])
  expect(jest.getTimerCount()).toBe(0)
})

test('a cell of which no chat is told is never watched', async () => {
  cells.cellStarted(cellOf('a'))
  await pass(60_000)
  expect(relay.asked).toEqual([])
  expect(jest.getTimerCount()).toBe(0)
})

test('a cell that runs on is watched, with its posts, and renewed by waiting', async () => {
  await started()
  expect(relay.manifests).toEqual([
    {
      targets: ['lab', '@me'],
      thread: 'run 7',
      source: { notebook: 'train.ipynb', executionCount: 12 },
      runningMs: 2000,
      posts: ['p1', 'p2'],
    },
  ])
  relay.answer({ leaseMs: 180_000, commands: [] })
  await pass(0)
  expect(relay.asked).toEqual(['put', 'listen after 0 for 25 s', 'listen after 0 for 25 s'])
  cells.cellEnded('a')
  await cells.close()
  expect(relay.asked.at(-1)).toBe('end')
  expect(relay.ids.size).toBe(1)
})

test('a short lease is renewed more often', async () => {
  relay.leaseMs = 8000
  await started()
  expect(relay.asked).toEqual(['put', 'listen after 0 for 2 s'])
})

test('progress that is told late in a long cell is watched at once', async () => {
  cells.cellStarted(cellOf('a'))
  await pass(10_000)
  cells.tell('a', LIVE)
  await pass(0)
  expect(relay.asked).toEqual(['put', 'listen after 0 for 25 s'])
})

test('what is told again changes nothing, what is new is told at once', async () => {
  await started()
  cells.tell('a', { ...LIVE })
  await pass(0)
  expect(relay.asked).toHaveLength(2)
  cells.tell('a', { targets: ['runs'], thread: 'other', ids: ['p3'] })
  await pass(0)
  expect(relay.asked.slice(2)).toEqual(['put', 'listen after 0 for 25 s'])
  expect(relay.manifests[1]).toMatchObject({
    targets: ['lab', '@me', 'runs'],
    thread: 'run 7',
    posts: ['p1', 'p2', 'p3'],
  })
})

test('ticks of a cell that has ended watch nothing', async () => {
  cells.cellStarted(cellOf('a'))
  cells.cellEnded('a')
  cells.tell('a', LIVE)
  cells.cellStarted(cellOf('b'))
  cells.tell('a', LIVE)
  await pass(10_000)
  expect(relay.asked).toEqual([])
})

test('each cell has a watch of its own', async () => {
  await started()
  cells.cellEnded('a')
  cells.cellStarted(cellOf('b'))
  cells.tell('b', LIVE)
  await pass(2000)
  expect(relay.asked).toEqual(['put', expect.any(String), 'end', 'put', expect.any(String)])
  expect(relay.ids.size).toBe(2)
})

test('a post at another relay is watched there', async () => {
  const other = new ScriptedRelay()
  cells.cellStarted(cellOf('a'))
  cells.tell('a', LIVE, other)
  await pass(2000)
  expect(relay.asked).toEqual([])
  expect(other.asked).toHaveLength(2)
})

test('while the relay is away it is asked less and less often, and watches when it is back', async () => {
  relay.failures.push(AWAY, AWAY, AWAY)
  await started()
  await pass(1000)
  await pass(2000)
  expect(relay.asked).toEqual(['put', 'put', 'put'])
  await pass(5000)
  expect(relay.asked.slice(3)).toEqual(['put', 'listen after 0 for 25 s'])
})

test('a relay that forgot the watch is told anew, one that refuses it twice is left alone', async () => {
  relay.failures.push(AWAY)
  await started()
  relay.failures.push(UNKNOWN)
  await pass(1000)
  relay.asked.length = 0
  relay.failures.push(UNKNOWN, UNKNOWN)
  cells.tell('a', { targets: ['runs'], thread: 'other', ids: ['p3'] })
  await pass(60_000)
  expect(relay.asked).toEqual(['put', 'put'])
})

test('a relay that is refused for its targets is not asked again', async () => {
  relay.failures.push(new PostError('not_allowed', 'no'))
  await started()
  await pass(60_000)
  expect(relay.asked).toEqual(['put'])
})

test('the end is told until the relay hears it: else it would tell of a loss', async () => {
  await started()
  relay.failures.push(AWAY, AWAY)
  cells.cellEnded('a')
  await pass(3000)
  expect(relay.asked.slice(2)).toEqual(['end', 'end', 'end'])
  await cells.close()
})

test('a relay that is away hears of the ends of many cells from one at a time', async () => {
  await started()
  relay.failures.push(...Array.from({ length: 100 }, () => AWAY))
  cells.cellEnded('a')
  for (const id of ['b', 'c']) {
    cells.cellStarted(cellOf(id))
    cells.tell(id, LIVE)
    await pass(2000)
    cells.cellEnded(id)
  }
  relay.asked.length = 0
  await pass(120_000)
  // After 5, 10, 20 and then 30 s.
  expect(relay.asked.length).toBeLessThan(8)
  relay.failures.length = 0
  relay.asked.length = 0
  await pass(30_000)
  expect(relay.asked).toEqual(['end', 'end', 'end'])
  await cells.close()
})

test('a watch that is on its way is ended after it was stored: it would come to life again', async () => {
  const { promise, resolve } = Promise.withResolvers<void>()
  relay.storing = promise
  await started()
  cells.cellEnded('a')
  await pass(10_000)
  expect(relay.asked).toEqual(['put'])
  resolve()
  await cells.close()
  expect(relay.asked).toEqual(['put', 'end'])
})

test('"stop" stops this very cell, once', async () => {
  await started()
  relay.say('stop')
  await pass(0)
  expect(stopped).toEqual(['a'])
  expect(relay.asked.at(-1)).toBe('listen after 1 for 25 s')
  relay.answer({ leaseMs: 180_000, commands: [{ seq: 1, command: 'stop' }] })
  await pass(0)
  expect(stopped).toEqual(['a'])
})

test('a command that comes when the cell has ended does nothing', async () => {
  await started()
  cells.cellEnded('a')
  relay.say('stop')
  relay.say('status')
  await pass(0)
  expect(stopped).toEqual([])
  expect(relay.posted).toEqual([])
})

test('"status" is answered in the thread it was said in, to that target alone, at most every five seconds', async () => {
  await started()
  relay.say('status', 'p2')
  await pass(0)
  relay.say('status', 'p1')
  await pass(4000)
  expect(relay.posted).toMatchObject([
    {
      targets: ['@me'],
      thread: 'run 7',
      blocks: [{ text: 'no output so far' }, { text: 'running' }],
      source: { notebook: 'train.ipynb', executionCount: 12, durationMs: 2000 },
    },
  ])
  await pass(1000)
  relay.say('status')
  await pass(0)
  expect(relay.posted[1]).toMatchObject({ targets: ['lab', '@me'], thread: 'run 7' })
})

test('"status" to a watch without a thread is answered in the thread that the relay made for it', async () => {
  await started({ targets: ['@me'], ids: [] })
  relay.say('status')
  await pass(0)
  expect(relay.posted[0]?.thread).toBe([...relay.ids][0])
})

test('the thread is named as its posts name it: without secrets', async () => {
  await started({ ...LIVE, thread: 'run hunter2' })
  expect(relay.manifests[0]?.thread).toBe('run [masked]')
})

test('a status is masked before it is cut', async () => {
  await started(LIVE, [line(`hunter2${'x'.repeat(1495)}`)])
  relay.say('status', 'p1')
  await pass(0)
  expect(JSON.stringify(relay.posted[0]?.blocks)).not.toContain('er2')
})

const line = (text: string): CapturedOutput => ({ type: 'stream', name: 'stdout', text })

test('of megabytes of text the end is looked at, from a line on', () => {
  const text = `${'secret'.repeat(20_000)}\nlast`
  expect(outputText(cellOf('a', [line(text)]))).toBe('last')
})
