// Calls of user code that nobody waits long for: a magic's completion. Code that spins is ended
// after a short time, and the process goes on.
import { Script } from 'node:vm'
import { uncurry } from '../../api/primordials.ts'

const runInThisContext = uncurry(Script.prototype, 'runInThisContext')

/** ms; longer than this, a person types on. */
const LIMIT = 200

export class LimitedCalls {
  readonly #outer: Script
  #task: () => unknown = () => undefined

  /** @param entry - Expression that calls `enter` below, by a global that cells cannot change. */
  constructor(entry: string) {
    this.#outer = new Script(entry)
  }

  /** @throws what it throws, or an error of its own if that takes too long. */
  run(task: () => unknown): unknown {
    this.#task = task
    return runInThisContext(this.#outer, { timeout: LIMIT, displayErrors: false })
  }

  /** Called by the outer script only. */
  enter(): unknown {
    return this.#task()
  }
}
