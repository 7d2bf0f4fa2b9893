// The kernel's side of `post.progress()`. States from running code become edits. If the code does
// not report the end (its cell ended, failed or was interrupted, or the kernel ends), the kernel
// writes the last state. A later tick makes the post run again.
import { LivePost } from '../../../post/relay/live-post.ts'
import type { LiveTransport } from '../../../post/relay/live-post.ts'
import { endedState, progressBlocks, progressContent } from '../../../post/api/progress-state.ts'
import type { ProgressState } from '../../../post/api/progress-state.ts'
import type { Block, Source } from '../../../post/contract/schema.ts'
import type { Outcome } from '../runtime/runtime.ts'
import type { OpenPosts } from './open-posts.ts'

/** Ticks that were sent in a burst may arrive this long after the cell ended, in ms. */
const LAST_TICKS = 250
/**
 * A timer or a promise may tick after its cell ended. After this long without a tick its post ends
 * too, in ms.
 */
const SILENCE = 60_000
/** How many cells are remembered with how they ended. */
const REMEMBERED = 1000

type End = (state: ProgressState) => ProgressState

export interface ProgressReport {
  /** Names the progress post in this kernel. */
  key: string
  targets: string[]
  thread: string
  /** The post's ids at the relay. */
  ids: string[]
  state: ProgressState
}

interface Entry {
  live: LivePost
  /** The cell that ticked last. */
  cellId: string
  place: Source
  state: ProgressState
  /** How its cell ended; kept until the last ticks have arrived. */
  ending?: { cellId: string; end: End }
  silence?: NodeJS.Timeout
  /** Set when the last state is being written. */
  finished?: Promise<void>
  forget: () => void
}

export class ProgressPosts {
  readonly #entries = new Map<string, Entry>()
  readonly #open: OpenPosts
  readonly #ended = new Map<string, End>()

  constructor(open: OpenPosts) {
    this.#open = open
  }

  /**
   * Takes a state. When this resolves, the last state is stored.
   *
   * @param place - Notebook and cell of the code that ticks.
   * @throws {PostError} if the relay refuses the last state.
   */
  async report(
    report: ProgressReport,
    transport: LiveTransport,
    cellId: string,
    place: Source,
  ): Promise<void> {
    const { key, state } = report
    const entry = this.#entries.get(key) ?? this.#add(report, transport)
    Object.assign(entry, { cellId, place, state })
    if (state.status !== 'running') return this.#finish(key, entry)
    entry.live.show(() => contentOf(entry))
    const end = this.#ended.get(cellId)
    if (!end) return
    entry.ending = { cellId, end }
    clearTimeout(entry.silence)
    entry.silence = setTimeout(() => void this.#endLater(key, entry), SILENCE).unref()
  }

  /** What all progress posts show that this cell ticked last. */
  blocksOf(cellId: string): Block[] {
    return [...this.#entries.values()]
      .filter((entry) => entry.cellId === cellId)
      .flatMap(({ state }) => progressBlocks(state, Date.now()))
  }

  /**
   * The end of a cell ends the progress posts that it ticked. The next tick, from any cell, makes a
   * post run again.
   */
  cellEnded(cellId: string, outcome: Outcome): void {
    const end = endAs(outcome)
    this.#ended.set(cellId, end)
    const [oldest] = this.#ended.keys()
    if (this.#ended.size > REMEMBERED && oldest !== undefined) this.#ended.delete(oldest)
    for (const [key, entry] of this.#entries) {
      if (entry.cellId !== cellId) continue
      entry.ending = { cellId, end }
      void this.#endLater(key, entry)
    }
  }

  /** Code that ticked between two cells is gone. */
  runtimeLost(reason: string): void {
    const error = { name: 'RuntimeLost', message: reason }
    for (const [key, entry] of this.#entries)
      void this.#end(key, entry, (state) => ({ ...state, status: 'failed', error }))
  }

  async #endLater(key: string, entry: Entry): Promise<void> {
    const { ending } = entry
    await new Promise((resolve) => setTimeout(resolve, LAST_TICKS))
    // Another cell ticks it now, or it has ended.
    if (this.#entries.get(key) !== entry || entry.cellId !== ending?.cellId) return
    await this.#end(key, entry, ending.end)
  }

  async #end(key: string, entry: Entry, end: End): Promise<void> {
    if (!entry.finished) entry.state = end(entry.state)
    try {
      await this.#finish(key, entry)
    } catch {
      // A PostError: the relay refuses the last state, and there is nobody to tell.
    }
  }

  /** The entry stays open until this is written, so that a kernel that ends waits for it. */
  #finish(key: string, entry: Entry): Promise<void> {
    this.#entries.delete(key)
    clearTimeout(entry.silence)
    entry.finished ??= entry.live.finish(() => contentOf(entry)).finally(entry.forget)
    return entry.finished
  }

  #add({ key, targets, thread, ids, state }: ProgressReport, transport: LiveTransport): Entry {
    const live = new LivePost(transport, { targets, thread }, ids)
    const entry: Entry = { live, cellId: '', place: {}, state, forget: () => undefined }
    // Called when the kernel ends, perhaps right after the cell failed.
    entry.forget = this.#open.add(() => this.#end(key, entry, endOf(entry)))
    this.#entries.set(key, entry)
    return entry
  }
}

function endOf({ cellId, ending }: Entry): End {
  if (ending?.cellId === cellId) return ending.end
  return (state) => ({ ...state, status: 'stopped' })
}

function endAs(outcome: Outcome): End {
  if (outcome.status === 'ok') return endedState
  if (outcome.interrupted) return (state) => ({ ...state, status: 'interrupted' })
  const error = { name: outcome.error.ename, message: outcome.error.evalue }
  return (state) => ({ ...state, status: 'failed', error })
}

function contentOf({ state, place }: Entry) {
  const { source, ...content } = progressContent(state)
  return { ...content, source: { ...place, ...source } }
}
