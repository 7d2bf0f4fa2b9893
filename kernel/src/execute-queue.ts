// Cells run one after the other, in the order asked for; nothing else waits for them. After a failed cell, what was asked for
// before its failure could be seen is answered `aborted`.
import { setImmediate } from 'node:timers/promises'
import type { Reply, Request } from './dispatch.ts'
import { stopOnError } from './protocol/content.ts'

export interface ExecuteQueuePorts {
  run(request: Request): Promise<Reply | undefined>
  abort(request: Request): Promise<unknown>
}

/** Turns of the event loop in which cells that were sent together with the failed one may still come out of the socket. */
const ABORT_TURNS = 5

export class ExecuteQueue {
  readonly #ports: ExecuteQueuePorts
  #waiting: Request[] = []
  #running: Request | undefined
  #done: Promise<void> = Promise.resolve()
  #closed = false

  constructor(ports: ExecuteQueuePorts) {
    this.#ports = ports
  }

  /** The cell that runs now. */
  get running(): Request | undefined {
    return this.#running
  }

  add(request: Request): void {
    this.#waiting.push(request)
    if (this.#waiting.length === 1 && !this.#running) this.#done = this.#drain()
  }

  /** Answers `aborted` to all that wait and to all that come; resolves when the running cell has ended too. */
  async close(): Promise<void> {
    this.#closed = true
    await this.#done
  }

  async #drain(): Promise<void> {
    for (let request = this.#waiting[0]; request; request = this.#waiting[0]) {
      this.#waiting.shift()
      this.#running = request
      try {
        await (this.#closed ? this.#ports.abort(request) : this.#runOne(request))
      } finally {
        this.#running = undefined
      }
    }
  }

  async #runOne(request: Request): Promise<void> {
    const reply = await this.#ports.run(request)
    if (reply?.content['status'] !== 'error' || !stopOnError(request.message.content)) return
    for (let turn = 0; turn < ABORT_TURNS; turn++) await setImmediate()
    const aborted = this.#waiting
    this.#waiting = []
    for (const other of aborted) await this.#ports.abort(other)
  }
}
