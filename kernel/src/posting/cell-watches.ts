// Which cell is watched: the one that runs, if something of it is told in a chat while it runs. A cell that is over soon is never watched:
// it costs a timer and no request.
import type { Block } from '../../../post/contract/schema.ts'
import type { CellOutputs } from '../capture/outputs.ts'
import { CellWatch } from './cell-watch.ts'
import type { ShownAt, WatchRelay } from './cell-watch.ts'

/** ms that a cell runs before it is watched. */
const FIRST_MS = 2000

export interface CellWatchesOptions {
  /** The kernel's own. */
  relay: WatchRelay
  notebook: string | undefined
  /** Interrupts the cell, if it still runs. */
  stop(cellId: string): void
  /** How far the progress posts are that the cell ticks. */
  progress(cellId: string): Block[]
}

export class CellWatches {
  readonly #options: CellWatchesOptions
  #cell: CellOutputs | undefined
  /** Of that cell, one a relay. */
  readonly #watches = new Map<WatchRelay, { watch: CellWatch; timer: NodeJS.Timeout }>()
  /** Of cells that ended, one after the other. */
  readonly #ending = new Map<WatchRelay, Promise<void>>()

  constructor(options: CellWatchesOptions) {
    this.#options = options
  }

  cellStarted(cell: CellOutputs): void {
    this.#cell = cell
  }

  /** Something of the cell is told in a chat. A cell that has ended is not watched any more, whatever still goes on. */
  tell(cellId: string, shownAt: ShownAt, relay: WatchRelay = this.#options.relay): void {
    if (this.#cell?.cellId !== cellId) return
    const known = this.#watches.get(relay)
    if (known) {
      known.watch.add(shownAt)
      return
    }
    const { notebook } = this.#options
    const stop = () => this.#options.stop(cellId)
    const progress = () => this.#options.progress(cellId)
    const watch = new CellWatch({ relay, cell: this.#cell, notebook, stop, progress })
    watch.add(shownAt)
    const wait = Math.max(0, this.#cell.startedAt + FIRST_MS - Date.now())
    const timer = setTimeout(() => watch.start(), wait).unref()
    this.#watches.set(relay, { watch, timer })
  }

  /** Nobody waits for its relays to know. */
  cellEnded(cellId: string): void {
    if (this.#cell?.cellId !== cellId) return
    this.#cell = undefined
    for (const [relay, { watch, timer }] of this.#watches) {
      clearTimeout(timer)
      this.#ending.set(relay, watch.end(this.#ending.get(relay) ?? Promise.resolve()))
    }
    this.#watches.clear()
  }

  /** Resolves when all relays know that nothing runs any more: else they would tell of a loss. */
  async close(): Promise<void> {
    if (this.#cell) this.cellEnded(this.#cell.cellId)
    await Promise.all(this.#ending.values())
  }
}
