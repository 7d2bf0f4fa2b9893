// Runs cells one after the other, in the order asked for; nothing else waits for them. After a
// failed cell, requests sent before the client could see the failure are answered `aborted`.
import { setTimeout } from 'node:timers/promises'
import type { Handler, Reply, Request } from './handlers/handler.ts'
import { stopOnError } from './protocol/content.ts'

export interface ExecuteQueuePorts {
  /** Serves a request; calls `handler` for its reply. */
  serve(request: Request, handler: Handler): Promise<unknown>
  execute: Handler
  /** Answers a cell that is not run. */
  aborted: Handler
}

/** ms in which cells sent before the failure may still arrive: "run all" sends them in turn. */
const ABORT_WINDOW = 10

export class ExecuteQueue {
  readonly #ports: ExecuteQueuePorts
  #waiting: Request[] = []
  /** Requests that were waiting when a cell failed. */
  #aborted: Request[] = []
  #running: Request | undefined
  #done: Promise<void> = Promise.resolve()
  #isDraining = false
  #closed = false
  #urged: PromiseWithResolvers<void> | undefined

  constructor(ports: ExecuteQueuePorts) {
    this.#ports = ports
  }

  /** The cell that runs now. */
  get running(): Request | undefined {
    return this.#running
  }

  add(request: Request): void {
    this.#waiting.push(request)
    this.#urged?.resolve()
    if (this.#isDraining) return
    this.#done = this.#drain()
  }

  /** Resolves when a cell waits to run, or none will run any more. */
  urged(): Promise<void> {
    if (this.#closed || this.#waiting.length > 0) return Promise.resolve()
    this.#urged = Promise.withResolvers()
    return this.#urged.promise
  }

  /** Answers `aborted` to all requests from now on; resolves once the running cell has ended. */
  async close(): Promise<void> {
    this.#closed = true
    this.#urged?.resolve()
    await this.#done
  }

  async #drain(): Promise<void> {
    this.#isDraining = true
    for (let request = this.#next(); request; request = this.#next()) {
      this.#running = request
      try {
        await this.#ports.serve(request, (again) => this.#answer(again))
      } finally {
        this.#running = undefined
      }
      for (const other of this.#aborted.splice(0)) {
        await this.#ports.serve(other, this.#ports.aborted)
      }
    }
    // In the same turn that found nothing waiting: a request added later starts a new drain.
    this.#isDraining = false
  }

  #next(): Request | undefined {
    return this.#waiting.shift()
  }

  async #answer(request: Request): Promise<Reply | undefined> {
    if (this.#closed) return this.#ports.aborted(request)
    try {
      const reply = await this.#ports.execute(request)
      if (reply?.content['status'] === 'error') await this.#failed(request)
      return reply
    } catch (error) {
      await this.#failed(request)
      throw error
    }
  }

  /** Before the reply is sent: a client that knows of the failure and goes on is not aborted. */
  async #failed(request: Request): Promise<void> {
    if (!stopOnError(request.message.content)) return
    await setTimeout(ABORT_WINDOW)
    this.#aborted = this.#waiting.splice(0)
  }
}
