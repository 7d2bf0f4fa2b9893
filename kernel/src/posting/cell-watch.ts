// The watch over one running cell at one relay: a lease that is renewed until the cell ends, and
// the two words that people may send to the cell. It reads nothing else from a relay, and never
// delays the cell.
import { randomUUID } from 'node:crypto'
import document from '../../../post/contract/limits.json' with { type: 'json' }
import { PostError } from '../../../post/contract/error.ts'
import type { Receipt } from '../../../post/relay/receipt.ts'
import type { Block, Post } from '../../../post/contract/schema.ts'
import type { WatchManifest, WatchState } from '../../../post/contract/watch.ts'
import type { CellOutputs } from '../capture/outputs.ts'
import { outputText, statusBlocks } from './cell-status.ts'
import { placeOf } from './source.ts'

/**
 * A renewal is answered after `WAIT_S` or a quarter of the lease, whichever is shorter. So three
 * may get lost. Pauses between tries while the relay is away are well below the lease.
 */
const { waitSeconds: WAIT_S, pausesMs: PAUSES, statusGapMs: STATUS_GAP_MS } = document.watch
/** The contract's limit. */
const { posts: MOST_POSTS } = document.watch

/** Where a chat shows, or will show, something of a cell. */
export interface ShownAt {
  targets: string[]
  /** The thread of the cell; if left out, the watch has its own. */
  thread?: string
  /** The post's ids at the relay, one for each target; empty if there is no post yet. */
  ids: string[]
}

export interface WatchRelay {
  putWatch(id: string, manifest: WatchManifest, signal?: AbortSignal): Promise<WatchState>
  commands(
    id: string,
    wanted: { after: number; wait: number },
    signal?: AbortSignal,
  ): Promise<WatchState>
  endWatch(id: string, signal?: AbortSignal): Promise<void>
  post(post: Post, signal?: AbortSignal): Promise<Receipt>
  masked(post: Post): Promise<{ post: Post }>
}

export interface CellWatchOptions {
  relay: WatchRelay
  cell: CellOutputs
  notebook: string | undefined
  /** Interrupts this cell and no other. */
  stop(): void
  /** What the progress posts show that this cell updates. */
  progress(): Block[]
}

export class CellWatch {
  readonly #options: CellWatchOptions
  readonly #id = randomUUID()
  readonly #shown: ShownAt[] = []
  readonly #ended = new AbortController()
  /** Aborts the renewal that waits now. */
  #renewal = new AbortController()
  #isChanged = true
  #leaseMs = 0
  /** `seq` of the last command that was carried out. */
  #after = 0
  #statusAt = Number.NEGATIVE_INFINITY
  #running: Promise<void> | undefined

  constructor(options: CellWatchOptions) {
    this.#options = options
  }

  /** Adds a place, once. */
  add(shownAt: ShownAt): void {
    const isKnown = this.#shown.some(({ targets, thread, ids }) => {
      const one = [targets, thread, ids]
      return JSON.stringify(one) === JSON.stringify([shownAt.targets, shownAt.thread, shownAt.ids])
    })
    if (isKnown) return
    this.#shown.push(shownAt)
    this.#isChanged = true
    this.#renewal.abort()
  }

  start(): void {
    this.#running ??= this.#run()
  }

  /**
   * Resolves when the relay knows that the cell has ended, or refuses the request.
   *
   * @param earlier - The ends of other cells' watches at this relay, so that only one of them at a
   *   time tries to reach a relay that is away.
   */
  async end(earlier: Promise<void>): Promise<void> {
    this.#ended.abort()
    this.#renewal.abort()
    await earlier
    if (!this.#running) return
    // A request under way could start the watch again after its end.
    await this.#running
    for (let failures = 0; ; failures += 1) {
      try {
        return await this.#options.relay.endWatch(this.#id)
      } catch (error) {
        if (!isAway(error)) return
        // Otherwise the relay would report a loss once it is back.
        await rest(failures)
      }
    }
  }

  async #run(): Promise<void> {
    let failures = 0
    let isForgotten = false
    while (!this.#ended.signal.aborted) {
      try {
        const { leaseMs, commands } = this.#isChanged ? await this.#put() : await this.#listen()
        this.#leaseMs = leaseMs
        failures = 0
        isForgotten = false
        for (const command of commands) this.#obey(command)
      } catch (error) {
        if (isAway(error)) await rest(failures++, this.#ended.signal)
        else if (isUnknown(error) && !isForgotten) isForgotten = this.#isChanged = true
        // The relay refuses the watch. There is nobody to tell, and the cell's posts show what is
        // wrong with their targets.
        else return
      }
    }
  }

  async #put(): Promise<WatchState> {
    this.#isChanged = false
    try {
      return await this.#options.relay.putWatch(this.#id, await this.#masked(this.#manifest()))
    } catch (error) {
      this.#isChanged = true
      throw error
    }
  }

  /** Masked like the cell's posts, so that a thread whose key contains a secret is the same one. */
  async #masked(manifest: WatchManifest): Promise<WatchManifest> {
    const { targets, thread, source } = manifest
    const address = { targets, ...(thread === undefined ? {} : { thread }) }
    const { post } = await this.#options.relay.masked({ ...address, blocks: [], files: [], source })
    return {
      ...manifest,
      source: post.source ?? source,
      ...(post.thread === undefined ? {} : { thread: post.thread }),
    }
  }

  async #listen(): Promise<WatchState> {
    const { signal } = (this.#renewal = new AbortController())
    const wait = Math.max(1, Math.min(WAIT_S, Math.floor(this.#leaseMs / 4000)))
    const wanted = { after: this.#after, wait }
    try {
      return await this.#options.relay.commands(this.#id, wanted, signal)
    } catch (error) {
      // The cell ended, or the manifest changed.
      if (signal.aborted) return { leaseMs: this.#leaseMs, commands: [] }
      throw error
    }
  }

  #manifest(): WatchManifest {
    const { cell } = this.#options
    const first = this.#shown.find(({ thread }) => thread !== undefined)
    const targets = new Set(this.#shown.flatMap(({ targets: some }) => some))
    return {
      targets: [...targets].slice(0, MOST_POSTS),
      ...(first?.thread === undefined ? {} : { thread: first.thread }),
      source: placeOf(this.#options, cell),
      runningMs: Math.max(0, Date.now() - cell.startedAt),
      posts: this.#shown.flatMap(({ ids }) => ids).slice(-MOST_POSTS),
    }
  }

  #obey({ seq, command, post }: WatchState['commands'][number]): void {
    if (seq <= this.#after || this.#ended.signal.aborted) return
    this.#after = seq
    if (command === 'stop') {
      this.#options.stop()
      return
    }
    const now = performance.now()
    if (now - this.#statusAt < STATUS_GAP_MS) return
    this.#statusAt = now
    // A PostError: the relay refuses the post. The person can ask again.
    this.#answerStatus(post).catch(() => undefined)
  }

  async #answerStatus(post: string | undefined): Promise<void> {
    const { relay, cell } = this.#options
    const address = this.#addressOf(post)
    const source = {
      ...placeOf(this.#options, cell),
      durationMs: Math.max(0, Date.now() - cell.startedAt),
    }
    // Masked before it is cut, because half a secret would not be recognised.
    const text: Post = {
      ...address,
      blocks: [{ type: 'text', text: outputText(cell) }],
      files: [],
      source,
    }
    const [block] = (await relay.masked(text)).post.blocks
    const blocks = statusBlocks(block?.type === 'text' ? block.text : '', this.#options.progress())
    await relay.post({ ...text, blocks })
  }

  /**
   * The thread in which a command was given; the watch's own thread for posts that the relay made
   * itself.
   */
  #addressOf(post: string | undefined): Pick<Post, 'targets' | 'thread'> {
    for (const { targets, thread, ids } of this.#shown) {
      const target = post === undefined ? undefined : targets[ids.indexOf(post)]
      if (target !== undefined && thread !== undefined) return { targets: [target], thread }
    }
    const { targets, thread = this.#id } = this.#manifest()
    return { targets, thread }
  }
}

/** The timer does not keep the kernel alive. */
function rest(failures: number, ended?: AbortSignal): Promise<void> {
  const ms = PAUSES[Math.min(failures, PAUSES.length - 1)]
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms).unref()
    ended?.addEventListener('abort', () => {
      clearTimeout(timer)
      resolve()
    })
  })
}

function isAway(error: unknown): boolean {
  return error instanceof PostError && error.code === 'relay_away'
}

function isUnknown(error: unknown): boolean {
  return error instanceof PostError && error.code === 'unknown_watch'
}
