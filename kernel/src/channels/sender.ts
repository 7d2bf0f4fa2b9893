// One in-order sender for each socket: zeromq rejects a second send while one is blocked, so sends
// wait in line here.
import type { Log } from './log.ts'

interface Sending {
  readonly closed: boolean
  send(frames: Uint8Array[]): Promise<void>
}

export class Sender {
  #socket: Sending
  #name: string
  #log: Log
  #last: Promise<void> = Promise.resolve()

  constructor(socket: Sending, name: string, log: Log) {
    this.#socket = socket
    this.#name = name
    this.#log = log
  }

  /**
   * Queues the frames after all earlier ones. Never rejects: an unreachable peer is no error.
   *
   * @param before - Runs right before the frames, with nothing sent in between.
   */
  send(frames: Uint8Array[], before?: () => void): void {
    this.#last = this.#last.then(() => this.#deliver(frames, before))
  }

  /** Resolves when everything queued so far was handed to zeromq. */
  flushed(): Promise<void> {
    return this.#last
  }

  async #deliver(frames: Uint8Array[], before?: () => void): Promise<void> {
    if (this.#socket.closed) return
    try {
      before?.()
      if (frames.length === 0) return
      await this.#socket.send(frames)
    } catch (error) {
      this.#log(
        `cannot send on ${this.#name}: ${error instanceof Error ? error.message : 'unknown'}`,
      )
    }
  }
}
