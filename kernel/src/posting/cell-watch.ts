// The watch over one running cell at one relay: a lease that is renewed until the cell ends, and the two words that people may say to it.
// Nothing else that comes from a relay is looked at, and nothing of it delays the cell.
import { randomUUID } from 'node:crypto'
import { PostError } from '../../../post/contract/error.ts'
import type { Receipt } from '../../../post/relay/receipt.ts'
import type { Block, Post, Source } from '../../../post/contract/schema.ts'
import type { WatchManifest, WatchState } from '../../../post/contract/watch.ts'
import type { CellOutputs } from '../capture/outputs.ts'
import { outputText, statusBlocks } from './cell-status.ts'

/** A renewal is answered at the latest after so many seconds, and after a quarter of the lease: three may be lost. */
const WAIT_S = 25
/** Between tries while the relay is away, in ms: well below the lease. */
const PAUSES = [1000, 2000, 5000, 10_000, 20_000, 30_000]
/** Between two answers to `status`. */
const STATUS_GAP_MS = 5000
/** As the contract says. */
const MOST_POSTS = 20

/** Where something of a cell is shown in a chat, or will be. */
export interface ShownAt {
  targets: string[]
  /** Where the cell is told of; a thread of its own if there is none. */
  thread?: string
  /** Of its post at the relay, one a target; none if there is no post yet. */
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
  /** Interrupts this very cell. */
  stop(): void
  /** How far the progress posts are that the cell ticks. */
  progress(): Block[]
}

export class CellWatch {
  readonly #options: CellWatchOptions
  readonly #id = randomUUID()
  readonly #shown: ShownAt[] = []
  readonly #ended = new AbortController()
  /** Of the renewal that waits. */
  #renewal = new AbortController()
  #isChanged = true
  #leaseMs = 0
  /** Seq of the last command that was obeyed. */
  #after = 0
  #statusAt = Number.NEGATIVE_INFINITY
  #running: Promise<void> | undefined

  constructor(options: CellWatchOptions) {
    this.#options = options
  }

  /** What is told twice is one. */
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
   * Resolves when the relay knows that the cell has ended, or refuses to hear of it.
   *
   * @param earlier - Of other cells at this relay: one that is away is asked by one of them at a time.
   */
  async end(earlier: Promise<void>): Promise<void> {
    this.#ended.abort()
    this.#renewal.abort()
    await earlier
    if (!this.#running) return
    // A watch that is on its way would come to life after its end.
    await this.#running
    for (let failures = 0; ; failures += 1) {
      try {
        return await this.#options.relay.endWatch(this.#id)
      } catch (error) {
        if (!isAway(error)) return
        // Else the relay would tell of a loss when it is back.
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
        // The relay refuses it, and nobody is there to be told: the cell's posts say what is wrong with their targets.
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

  /** As its posts are: a thread whose key holds a secret is the same thread. */
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
      // The cell ended, or there is something new to say.
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
      source: this.#source(),
      runningMs: Math.max(0, Date.now() - cell.startedAt),
      posts: this.#shown.flatMap(({ ids }) => ids).slice(-MOST_POSTS),
    }
  }

  #source(): Source {
    const { cell, notebook } = this.#options
    return {
      ...(notebook === undefined ? {} : { notebook }),
      executionCount: cell.executionCount,
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
    // A PostError: the relay refuses it, and who asked can ask again.
    this.#answerStatus(post).catch(() => undefined)
  }

  async #answerStatus(post: string | undefined): Promise<void> {
    const { relay, cell } = this.#options
    const address = this.#addressOf(post)
    const source = { ...this.#source(), durationMs: Math.max(0, Date.now() - cell.startedAt) }
    // Cut when it is masked: half a secret is not recognised.
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

  /** The thread that a command was said in; that of the watch itself for one of the relay's own posts. */
  #addressOf(post: string | undefined): Pick<Post, 'targets' | 'thread'> {
    for (const { targets, thread, ids } of this.#shown) {
      const target = post === undefined ? undefined : targets[ids.indexOf(post)]
      if (target !== undefined && thread !== undefined) return { targets: [target], thread }
    }
    const { targets, thread = this.#id } = this.#manifest()
    return { targets, thread }
  }
}

/** The kernel may end meanwhile. */
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
