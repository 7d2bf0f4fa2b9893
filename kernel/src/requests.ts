// The order in which requests are served. Cells run one after the other; every other request on
// shell is served at once, even while a cell runs; control is served one request at a time.
import type { Channels } from './channels/channels.ts'
import type { Log } from './channels/log.ts'
import { dispatch, unknownType } from './dispatch.ts'
import { ExecuteQueue } from './execute-queue.ts'
import type { Handler, Reply, Request } from './handlers/handler.ts'
import { aborted, handlersOf } from './handlers/index.ts'
import type { Services } from './handlers/services.ts'
import { errorContent } from './protocol/error-content.ts'

const AT_ONCE: ReadonlySet<string> = new Set(['shutdown_request', 'interrupt_request'])

export class Requests {
  readonly #channels: Channels
  readonly #log: Log
  readonly #handlers: ReadonlyMap<string, Handler>
  readonly #queue: ExecuteQueue
  readonly #inFlight = new Set<Promise<void>>()

  constructor(channels: Channels, services: Services) {
    this.#channels = channels
    this.#log = services.log
    this.#handlers = handlersOf(services)
    this.#queue = new ExecuteQueue({
      serve: (request, handler) =>
        this.#dispatch(request, handler).catch((error: unknown) => this.#unserved(error)),
      execute: this.#handlers.get('execute_request') ?? unknownType,
      aborted,
    })
  }

  /** Resolves when the shell socket is closed. */
  async readShell(): Promise<void> {
    const channel = this.#channels.shell
    for await (const message of channel.messages()) {
      const request = { message, channel }
      if (message.header.msg_type === 'execute_request') this.#queue.add(request)
      else void this.#serve(request)
    }
  }

  /**
   * Serves one request at a time, except those that end work: a handler that hangs must not keep a
   * kernel alive or stop an interrupt. Resolves when the control socket is closed.
   */
  async readControl(): Promise<void> {
    const channel = this.#channels.control
    let last = Promise.resolve()
    for await (const message of channel.messages()) {
      const request = { message, channel }
      if (AT_ONCE.has(message.header.msg_type)) void this.#serve(request)
      else last = last.then(() => this.#serve(request))
    }
  }

  /** From now on cells are answered `aborted`; resolves when the running one has ended. */
  abortCells(): Promise<void> {
    return this.#queue.close()
  }

  /** Resolves when all requests served now, other than cells, have their replies. */
  async served(): Promise<void> {
    await Promise.all(this.#inFlight)
  }

  /** Never rejects. */
  #serve(request: Request): Promise<void> {
    const served = this.#serveOne(request)
      .catch((error: unknown) => this.#unserved(error))
      .finally(() => this.#inFlight.delete(served))
    this.#inFlight.add(served)
    return served
  }

  async #serveOne(request: Request): Promise<void> {
    await this.#dispatch(
      request,
      this.#handlers.get(request.message.header.msg_type) ?? unknownType,
    )
    const { running } = this.#queue
    // That idle status was about this request only. Say that the kernel is busy, or servers take it
    // for idle and end it while it computes.
    if (request.channel === this.#channels.shell && running) {
      this.#channels.iopub.status('busy', running.message)
    }
  }

  #dispatch(request: Request, handler: Handler): Promise<Reply | undefined> {
    const { iopub, session } = this.#channels
    const urged = () => this.#queue.urged()
    return dispatch(request, handler, { iopub, session, log: this.#log, urged })
  }

  /** One failed request must not stop the ones after it. */
  #unserved(error: unknown): void {
    this.#log(`a request could not be served to its end: ${errorContent(error).ename}`)
  }
}
