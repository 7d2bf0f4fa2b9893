// How many bytes iopub's clients have not read yet. ZeroMQ counts only messages, and does not tell;
// but a message is waiting as long as ZeroMQ holds its frames, and the garbage collector knows when
// it lets go of them. Above the limit, the maker of messages is asked to wait; if nobody reads even
// then, big messages should be left out.
import { Session } from 'node:inspector'
import { setTimeout as delay } from 'node:timers/promises'

export interface BacklogLimits {
  /** Bytes that may wait. */
  bytes: number
  /** ms without a byte read after which waiting is useless. */
  patience: number
}

/** As much as one cell may display: to exceed it, a cell must long be faster than its reader. */
const LIMITS: BacklogLimits = { bytes: 128 * 1024 * 1024, patience: 5000 }
/** ms before each of the first looks, before anybody has to wait. */
const FIRST_LOOKS = [0, 10, 50]
/** ms between two looks: while somebody waits; while nobody reads. */
const LOOK = 100
const SELDOM_LOOK = 1000

export class Backlog {
  readonly #limits: BacklogLimits
  readonly #registry = new FinalizationRegistry<number>((bytes) => (this.#held -= bytes))
  /** Never too small; too large by what was read and not yet collected. */
  #held = 0
  #isRelieving = false
  #isFull = false
  readonly #closed = new AbortController()
  readonly #wait: (on: boolean) => void

  /** @param wait - Called with true to stop the messages, with false to let them go on. */
  constructor(wait: (on: boolean) => void, limits: BacklogLimits = LIMITS) {
    this.#wait = wait
    this.#limits = limits
  }

  /** A client does not read, however long we wait: big messages should be left out. */
  get isFull(): boolean {
    return this.#isFull
  }

  /** Call it for all frames that are handed to ZeroMQ. */
  add(frames: readonly Uint8Array[]): void {
    let bytes = 0
    let largest: Uint8Array | undefined
    for (const frame of frames) {
      bytes += frame.byteLength
      if (!largest || frame.byteLength > largest.byteLength) largest = frame
    }
    if (!largest) return
    this.#held += bytes
    this.#registry.register(largest, bytes)
    if (this.#held > this.#limits.bytes && !this.#isRelieving) void this.#relieve()
  }

  close(): void {
    this.#closed.abort()
  }

  async #relieve(): Promise<void> {
    this.#isRelieving = true
    const collector = new Session()
    collector.connect()
    const look = async (ms: number): Promise<number> => {
      await delay(ms, undefined, { ref: false, signal: this.#closed.signal })
      collector.post('HeapProfiler.collectGarbage')
      // The collector reports in a turn of its own.
      await delay(0)
      return this.#held
    }
    try {
      // On a busy machine the collector reports late.
      for (const ms of FIRST_LOOKS) if ((await look(ms)) <= this.#limits.bytes) return
      this.#wait(true)
      this.#isFull = !(await this.#drains(() => look(LOOK)))
      this.#wait(false)
      while (this.#isFull) this.#isFull = (await look(SELDOM_LOOK)) > this.#limits.bytes / 2
    } catch (error) {
      if (!this.#closed.signal.aborted) throw error
    } finally {
      collector.disconnect()
      this.#isRelieving = false
    }
  }

  /** Whether half of it was read, with no step taking too long. */
  async #drains(look: () => Promise<number>): Promise<boolean> {
    let least = this.#held
    let since = performance.now()
    while (performance.now() - since < this.#limits.patience) {
      const held = await look()
      if (held <= this.#limits.bytes / 2) return true
      if (held >= least) continue
      least = held
      since = performance.now()
    }
    return false
  }
}
