// What user code asks of the kernel process (a magic, a post, an input): sent once, answered once.
import type { CallAnswer } from '../link.ts'
import type { CellContext, CellContexts } from './cell-context.ts'
import type { Control } from './control.ts'
import { Error, Map, Promise } from '../../api/primordials.ts'
import type { SecretVariables } from './secret-variables.ts'
import type { OutputWriter } from './streams.ts'

export class Calls {
  readonly #cells: CellContexts
  readonly #writer: OutputWriter
  readonly #control: Control
  readonly #secrets: SecretVariables
  readonly #waiting = new Map<number, (answer: CallAnswer) => void>()
  #lastId = 0

  constructor(
    cells: CellContexts,
    writer: OutputWriter,
    control: Control,
    secrets: SecretVariables,
  ) {
    this.#cells = cells
    this.#writer = writer
    this.#control = control
    this.#secrets = secrets
  }

  /** @throws the kernel process's error, with the caller's stack. */
  async call(method: string, params: unknown): Promise<unknown> {
    const origin = new Error('call')
    let forget: (() => void) | undefined
    const answer = new Promise<CallAnswer>((resolve) => {
      const id = this.#send(method, params, false)
      this.#waiting.set(id, resolve)
      forget = this.context?.onInterrupt(() => this.answer(id, INTERRUPTED))
    })
    try {
      return valueOf(await answer, origin)
    } finally {
      forget?.()
    }
  }

  /** Blocks the main thread until the answer is here; an interrupt ends the wait. */
  callSync(method: string, params: unknown): unknown {
    const origin = new Error('call')
    this.#send(method, params, true)
    return valueOf(this.#control.waitForAnswer(), origin)
  }

  answer(id: number, answer: CallAnswer): void {
    this.#waiting.get(id)?.(answer)
    this.#waiting.delete(id)
  }

  get context(): CellContext | undefined {
    return this.#cells.current()
  }

  #send(method: string, params: unknown, sync: boolean): number {
    // The call may be a post.
    this.#secrets.report()
    const id = ++this.#lastId
    const cellId = this.context?.cellId ?? ''
    this.#writer.message({ type: 'call', cellId, id, method, params, sync }, cellId)
    return id
  }
}

/** An interrupted cell waits for nothing. */
const INTERRUPTED: CallAnswer = {
  ok: false,
  name: 'KeyboardInterrupt',
  message: 'The cell was interrupted.',
}

function valueOf(answer: CallAnswer, origin: Error): unknown {
  if (answer.ok) return answer.value
  origin.name = answer.name
  origin.message = answer.message
  throw origin
}
