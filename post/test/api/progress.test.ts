// `post.progress()` and live posts: what they show, how often they are written, and what becomes of
// the last state.
import { beforeEach, describe, expect, test } from '@jest/globals'

import { until, within } from '../../../test/helpers/until.ts'
import { PostError } from '../../contract/error.ts'
import { LivePost } from '../../relay/live-post.ts'
import { PendingPosts } from '../../relay/pending-posts.ts'
import { httpSink, httpTransport } from '../../api/http-transport.ts'
import { startProgress } from '../../api/progress.ts'
import { progressBlocks } from '../../api/progress-state.ts'
import type { ProgressState } from '../../api/progress-state.ts'
import type { Receipt } from '../../relay/receipt.ts'
import type { Post, PostContent, StoredPost } from '../../contract/schema.ts'

const stored = (id: string, status: StoredPost['status'] = 'queued'): StoredPost => ({
  id,
  target: 'lab',
  destination: '~lab',
  status,
  notices: [],
})

/** A relay that keeps what it gets; `away` and `refusal` say how it fails. */
class Told {
  readonly posts: Post[] = []
  readonly changes: string[] = []
  away = false
  refusal: PostError | undefined
  /** Post id -> why a change of this post alone is refused. */
  readonly refusals = new Map<string, PostError>()

  async post(post: Post): Promise<Receipt> {
    this.posts.push(post)
    if (this.away) {
      return { kind: 'spooled', targets: post.targets, reason: 'away', notices: [] }
    }
    const posts = post.targets.map((_, n) => stored(`p${n}`))
    return { kind: 'accepted', posts, notices: [] }
  }

  async change(id: string, { blocks }: PostContent): Promise<StoredPost> {
    const refusal = this.refusal ?? this.refusals.get(id)
    if (refusal) throw refusal
    this.changes.push(`${id} ${JSON.stringify(blocks)}`)
    return stored(id)
  }

  async status(id: string): Promise<StoredPost> {
    return stored(id)
  }

  async remove(): Promise<void> {
    // No test deletes a post.
  }

  async changed(count: number): Promise<void> {
    const saw = () => this.changes
    await until(() => this.changes.length >= count, `${count} changes are written`, { saw })
  }
}

const content = (text: string): PostContent => ({ blocks: [{ type: 'message', text }], files: [] })
const first = { targets: ['lab'], ...content('start') }

let relay: Told

beforeEach(() => {
  relay = new Told()
})

describe('a live post', () => {
  test('writes the newest state when it is time, and the last one always', async () => {
    const { live } = await LivePost.start(relay, first, 30)
    for (const n of [1, 2, 3]) live.show(() => content(`state ${n}`))
    await relay.changed(1)
    expect(relay.changes).toEqual([expect.stringContaining('state 3')])
    live.show(() => content('never seen'))
    await live.finish(() => content('end'))
    expect(relay.changes).toEqual([
      expect.stringContaining('state 3'),
      expect.stringContaining('end'),
    ])
  })

  test('writes late output again once the relay is back', async () => {
    const { live } = await LivePost.start(relay, first, 30)
    await live.finish(() => content('end'))
    relay.refusal = new PostError('relay_away', 'no answer')
    let tries = 0
    live.show(() => {
      tries += 1
      return content('late')
    })
    await until(() => tries > 1, 'it is tried again', { saw: () => tries })
    relay.refusal = undefined
    await relay.changed(2)
    expect(relay.changes[1]).toContain('late')
  })

  test('shows all its targets', async () => {
    const { live } = await LivePost.start(relay, { ...first, targets: ['a', 'b'] })
    await live.finish(() => content('end'))
    expect(relay.changes.map((line) => line.split(' ')[0])).toEqual(['p0', 'p1'])
  })

  test('makes the last state a post in its thread if the relay is away', async () => {
    const { live } = await LivePost.start(relay, { ...first, thread: 'run 7' })
    relay.refusal = new PostError('relay_away', 'no answer')
    await live.finish(() => content('end'))
    expect(relay.posts.at(-1)).toMatchObject({ thread: 'run 7', ...content('end') })
  })

  test('keeps its end for one target although it is taken back at the other', async () => {
    const { live } = await LivePost.start(relay, { ...first, targets: ['a', 'b'] })
    relay.refusals.set('p0', new PostError('too_late', 'deleted'))
    relay.refusals.set('p1', new PostError('relay_away', 'no answer'))
    await live.finish(() => content('end'))
    expect(relay.posts.at(-1)).toMatchObject(content('end'))
  })

  test('that was kept for later sends its last state after it, in its thread', async () => {
    relay.away = true
    const { live } = await LivePost.start(relay, first)
    live.show(() => content('never seen'))
    await live.finish(() => content('end'))
    expect(relay.changes).toEqual([])
    expect(relay.posts.map(({ blocks }) => blocks)).toEqual([first.blocks, content('end').blocks])
    expect(relay.posts[1]?.thread).toBe(relay.posts[0]?.thread)
  })

  test('that was taken back stays so; any other refusal is told', async () => {
    const { live } = await LivePost.start(relay, first)
    relay.refusal = new PostError('too_late', 'deleted')
    await live.finish(() => content('end'))
    expect(relay.posts).toHaveLength(1)
    relay.refusal = new PostError('not_allowed', 'no')
    await expect(live.finish(() => content('end'))).rejects.toThrow('no')
  })
})

const way = () => ({ transport: httpTransport(relay), sinkOf: httpSink(relay) })
const start = (options: { total?: number } = {}) => startProgress('lab', 'training', options, way())

describe('post.progress()', () => {
  test('of one step is no plural, and whole numbers stay whole', async () => {
    const progress = await start()
    progress.tick(1234567)
    await progress.done()
    expect(relay.changes.at(-1)).toMatch(/"1 step ·.*"1234567"/)
    progress.tick({ tokens: 98765432.6, loss: 0.000123456789 })
    await progress.done()
    expect(relay.changes.at(-1)).toMatch(/"2 steps ·.*tokens 98765433 · loss 0.000123457/)
  })

  test('tells values as they are, objects by name, and how it ended', async () => {
    const progress = await start({ total: 2 })
    progress.tick({ loss: 0.123456789, phase: 'warm' })
    progress.tick()
    expect(progress.count).toBe(2)
    await progress.done()
    expect(relay.changes).toEqual([
      expect.stringMatching(/100 %.*2\/2.*done.*loss 0.123457 · phase warm/),
    ])
  })

  test('fails with the error, and goes on if it is ticked again', async () => {
    const progress = await start()
    progress.update(7)
    await progress.fail(new RangeError('too far'))
    expect(relay.changes.at(-1)).toMatch(/7 steps.*failed.*RangeError.*too far/)
    progress.tick()
    await progress.done('well')
    expect(relay.changes.at(-1)).toMatch(/8 steps.*\*\*done\*\*.*well/)
    expect(relay.changes.at(-1)).not.toContain('RangeError')
  })

  test.each([
    [['lab', '', {}], 'Expected a channel and a title'],
    [['lab', 'x', { total: 0 }], 'Expected total to be a number above 0'],
    [['../lab', 'x', {}], 'is no target'],
  ] as const)('refuses %j', async ([channel, title, options], message) => {
    const made = startProgress(channel, title, options, way())
    await expect(made).rejects.toThrow(message)
    expect(relay.posts).toEqual([])
  })

  test.each([
    [{ count: 0 }, 0, '0 steps'],
    [{ count: 0, total: 4 }, 0, '`░░░░░░░░░░░░░░░░░░░░` 0 % · 0/4'],
    [{ count: 1, total: 4 }, 10_000, '`█████░░░░░░░░░░░░░░░` 25 % · 1/4 · 10 s a step · 30 s left'],
    [{ count: 999, total: 1000 }, 1000, '`████████████████████` 99 % · 999/1000 · 999/s'],
    [{ count: 30, total: 90 }, 60_000, '33 % · 30/90 · 2 s a step · 2 min 0 s left'],
    [{ count: 5, total: 4 }, 2000, '125 % · 5/4 · 2.5/s'],
    [
      { count: 2, status: 'stopped' },
      7_260_000,
      '2 steps · 3630 s a step · **stopped** after 2 h 1 min',
    ],
  ] as const)('shows %j after %i ms', (change, elapsed, text) => {
    const state: ProgressState = {
      title: 't',
      startedAt: 0,
      line: '',
      status: 'running',
      ...change,
    }
    const [, figures] = progressBlocks(state, elapsed)
    expect(figures).toMatchObject({ type: 'markdown', text: expect.stringContaining(text) })
  })
})

test('a post that is refused later is told once, one that arrives is not', async () => {
  const told = Promise.withResolvers<string>()
  const asked: string[] = []
  const pending = new PendingPosts({
    async status(id) {
      asked.push(id)
      return { ...stored(id, id === 'bad' ? 'dead' : 'delivered'), error: 'archived' }
    },
    onRefused: told.resolve,
  })
  const posts = [stored('good'), stored('bad'), stored('known', 'delivered')]
  pending.add({ kind: 'accepted', posts, notices: [] })
  // The timer of `PendingPosts` does not keep a program alive; this one does.
  const words = await within(told.promise, 'the refusal is told', { saw: () => asked })
  expect(words).toBe('The post to ~lab was refused later: archived')
  expect(asked).toEqual(['good', 'bad'])
  pending.close()
})
