// Decides which cell is watched: the running one, if a chat shows something of it. A cell that ends
// soon is never watched: it costs a timer and no request.
import document from '../../../post/contract/limits.json' with { type: 'json' }
import type { Block } from '../../../post/contract/schema.ts'
import type { CellOutputs } from '../capture/outputs.ts'
import { CellWatch } from './cell-watch.ts'
import type { ShownAt, WatchRelay } from './cell-watch.ts'

/** How long a cell runs before it is watched, in ms. */
const { firstMs: FIRST_MS } = document.watch

export interface CellWatchesOptions {
  /** The relay of the kernel's environment. */
  relay: WatchRelay
  notebook: string | undefined
  /** Interrupts the cell, if it still runs. */
  stop(cellId: string): void
  /** What the progress posts show that this cell updates. */
  progress(cellId: string): Block[]
}

export class CellWatches {
  readonly #options: CellWatchesOptions
  #cell: CellOutputs | undefined
  /** The watches of that cell, one for each relay. */
  readonly #watches = new Map<WatchRelay, { watch: CellWatch; timer: NodeJS.Timeout }>()
  /** Ends the watches of cells that ended, one after the other. */
  readonly #ending = new Map<WatchRelay, Promise<void>>()

  constructor(options: CellWatchesOptions) {
    this.#options = options
  }

  cellStarted(cell: CellOutputs): void {
    this.#cell = cell
  }

  /**
   * Called when a chat shows something of the cell. A cell that has ended is not watched, even if
   * it goes on posting.
   */
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

  /** Does not wait until the relays know. */
  cellEnded(cellId: string): void {
    if (this.#cell?.cellId !== cellId) return
    this.#cell = undefined
    for (const [relay, { watch, timer }] of this.#watches) {
      clearTimeout(timer)
      this.#ending.set(relay, watch.end(this.#ending.get(relay) ?? Promise.resolve()))
    }
    this.#watches.clear()
  }

  /** Resolves when all relays know that no cell runs; otherwise they would report a loss. */
  async close(): Promise<void> {
    if (this.#cell) this.cellEnded(this.#cell.cellId)
    await Promise.all(this.#ending.values())
  }
}
