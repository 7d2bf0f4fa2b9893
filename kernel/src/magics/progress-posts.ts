// The kernel's side of `post.progress()`: states of running code become edits, and what the code cannot tell any more (its cell failed, was
// interrupted, the kernel ends) becomes the last state.
import { setTimeout as delay } from 'node:timers/promises'
import { LivePost } from '../../../post/live-post.ts'
import type { LiveTransport } from '../../../post/live-post.ts'
import { progressContent } from '../../../post/progress-state.ts'
import type { ProgressState } from '../../../post/progress-state.ts'
import type { Source } from '../../../post/schema.ts'
import type { Outcome } from '../runtime/runtime.ts'
import type { OpenPosts } from './open-posts.ts'

/** Ticks told in bursts arrive up to this much after the cell ended, in ms. */
const LAST_TICKS = 250

export interface ProgressReport {
  /** Names the progress post among those of this kernel. */
  key: string
  targets: string[]
  thread: string
  /** Of the post at the relay. */
  ids: string[]
  state: ProgressState
}

interface Entry {
  live: LivePost
  /** The cell that ticked last. */
  cellId: string
  place: Source
  state: ProgressState
  /** How its cell ended, until its last ticks are in. */
  ending?: { cellId: string; end: Partial<ProgressState> }
  /** The last state is on its way, or there. */
  finished?: Promise<void>
  forget: () => void
}

export class ProgressPosts {
  readonly #entries = new Map<string, Entry>()
  readonly #open: OpenPosts

  constructor(open: OpenPosts) {
    this.#open = open
  }

  /**
   * Takes a state; the last one is stored when it resolves.
   *
   * @param place - Notebook and cell of who ticks.
   * @throws {PostError} if the last state is refused
   */
  async report(
    { key, targets, thread, ids, state }: ProgressReport,
    transport: LiveTransport,
    cellId: string,
    place: Source,
  ): Promise<void> {
    const entry =
      this.#entries.get(key) ?? this.#add(key, transport, { targets, thread }, ids, state)
    Object.assign(entry, { cellId, place, state })
    if (state.status === 'running') entry.live.show(() => contentOf(entry))
    else await this.#finish(key, entry)
  }

  /** A failed cell ends the progress that it told; one that is ok may go on in the next cell. */
  cellEnded(cellId: string, outcome: Outcome): void {
    if (outcome.status === 'ok') return
    const status = outcome.interrupted ? 'interrupted' : 'failed'
    const error = { name: outcome.error.ename, message: outcome.error.evalue }
    const end = { status, ...(status === 'failed' ? { error } : {}) } as const
    for (const [key, entry] of this.#entries) {
      if (entry.cellId !== cellId) continue
      entry.ending = { cellId, end }
      void this.#endLater(key, entry)
    }
  }

  /** Whoever ticked between two cells is gone. */
  runtimeLost(reason: string): void {
    const error = { name: 'RuntimeLost', message: reason }
    for (const [key, entry] of this.#entries)
      void this.#end(key, entry, { status: 'failed', error })
  }

  async #endLater(key: string, entry: Entry): Promise<void> {
    const { ending } = entry
    await delay(LAST_TICKS)
    // Another cell took it up, or it was ended.
    if (this.#entries.get(key) !== entry || entry.cellId !== ending?.cellId) return
    await this.#end(key, entry, ending.end)
  }

  async #end(key: string, entry: Entry, end: Partial<ProgressState>): Promise<void> {
    if (!entry.finished) entry.state = { ...entry.state, ...end }
    try {
      await this.#finish(key, entry)
    } catch {
      // A PostError: the relay refuses the last state, and nobody is there to be told.
    }
  }

  /** Open until it is written: a kernel that ends meanwhile waits for it. */
  #finish(key: string, entry: Entry): Promise<void> {
    this.#entries.delete(key)
    entry.finished ??= entry.live.finish(() => contentOf(entry)).finally(entry.forget)
    return entry.finished
  }

  #add(
    key: string,
    transport: LiveTransport,
    address: { targets: string[]; thread: string },
    ids: string[],
    state: ProgressState,
  ): Entry {
    const live = new LivePost(transport, address, ids)
    const entry: Entry = { live, cellId: '', place: {}, state, forget: () => undefined }
    // The kernel ends, perhaps right after the cell failed.
    entry.forget = this.#open.add(() => this.#end(key, entry, endOf(entry)))
    this.#entries.set(key, entry)
    return entry
  }
}

function endOf({ cellId, ending }: Entry): Partial<ProgressState> {
  return ending?.cellId === cellId ? ending.end : { status: 'stopped' }
}

function contentOf({ state, place }: Entry) {
  const { source, ...content } = progressContent(state)
  return { ...content, source: { ...place, ...source } }
}
