// Calls from cells to the kernel process (a magic, a post, a question) that are under way. Each
// gets one answer; if it was aborted, the side that aborted it ends it.
import type { RuntimeProcess } from './child-process.ts'
import type { CallAnswer, Sequenced } from './link.ts'
import type { RuntimeCall } from './runtime.ts'

type CallMessage = Extract<Sequenced, { type: 'call' }>

export class PendingCalls {
  readonly #serve: (call: RuntimeCall) => Promise<unknown>
  readonly #calls = new Set<{ cellId: string; controller: AbortController }>()

  constructor(serve: (call: RuntimeCall) => Promise<unknown>) {
    this.#serve = serve
  }

  /** Aborts the calls of one cell; without an argument those of all cells. */
  abort(cellId?: string): void {
    for (const call of this.#calls)
      if (cellId === undefined || call.cellId === cellId) call.controller.abort()
  }

  /** Never rejects: if serving the call rejects, that is the answer. */
  async answer(
    { id, cellId, method, params, sync }: CallMessage,
    to: RuntimeProcess,
  ): Promise<void> {
    const controller = new AbortController()
    const call = { cellId, controller }
    this.#calls.add(call)
    let answer: CallAnswer
    try {
      const value = await this.#serve({ cellId, method, params, signal: controller.signal })
      answer = { ok: true, value }
    } catch (error) {
      answer = Error.isError(error)
        ? { ok: false, name: error.name, message: error.message }
        : { ok: false, name: 'Error', message: String(error) }
    } finally {
      this.#calls.delete(call)
    }
    if (controller.signal.aborted) return
    if (sync) to.sendToWorker({ type: 'answer', answer })
    else to.send({ type: 'answer', id, answer })
  }
}
