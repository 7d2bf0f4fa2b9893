// The main thread's side of the control worker: runs a script where SIGINT is caught, acknowledges
// interrupts, waits for synchronous answers.
import { types } from 'node:util'
import { Script } from 'node:vm'
import type { CallAnswer, Place } from '../link.ts'
import { Atomics, Int32Array, SharedArrayBuffer, uncurry } from '../../api/primordials.ts'
import type { KernelPort } from './kernel-realm.ts'
import { keepListener } from './kept-listeners.ts'
import { PHASE, SLOT, clock, holdOf } from './shared-phase.ts'
import { holdSigintListeners } from './sigint-listeners.ts'

const runInThisContext = uncurry(Script.prototype, 'runInThisContext')

/** Whether this is the error that SIGINT ends a script with. */
export function isInterruption(thrown: unknown): boolean {
  return (
    types.isNativeError(thrown) &&
    'code' in thrown &&
    thrown.code === 'ERR_SCRIPT_EXECUTION_INTERRUPTED'
  )
}

/** ms to wait for places; after that a stack trace shows the positions that V8 knows. */
const PLACES_TIME = 250

interface Places {
  id: number
  places: Array<Place | undefined>
}

export interface ControlParts {
  /** `SLOTS` numbers of 32 bits. */
  shared: SharedArrayBuffer
  /** The worker's answers while the main thread waits in place. */
  answers: KernelPort<CallAnswer>
  places: KernelPort<Places>
}

/**
 * How many times 1 ms a hold waits for an interrupt that was sent, so that it comes before: longer
 * than the worker waits before its next step, which comes also if a listener took the signal.
 */
const HOLD_WAITS = 2000

const pause = new Int32Array(new SharedArrayBuffer(4))

export class Control {
  readonly #shared: Int32Array
  readonly #answers: KernelPort<CallAnswer>
  readonly #places: KernelPort<Places>
  readonly #outer: Script
  #task: () => unknown = () => undefined
  #isInScript = false
  #holds = 0
  readonly #addSigintListeners = holdSigintListeners(() => this.#isInScript)

  /** @param entry - Expression that calls `enter` below, by a global that cells cannot change. */
  constructor(entry: string, { shared, answers, places }: ControlParts) {
    this.#shared = new Int32Array(shared)
    this.#answers = answers
    this.#places = places
    this.#outer = new Script(entry)
    // A stray SIGINT (a signal to the group that came too late) must not end the process.
    keepListener(
      'SIGINT',
      () => undefined,
      () => !this.#isInScript,
    )
  }

  /** From now on the event loop hears of interrupts. */
  hears(): void {
    Atomics.store(this.#shared, SLOT.hears, 1)
  }

  /** The event loop has heard of an interrupt. */
  acknowledge(id: number): void {
    Atomics.store(this.#shared, SLOT.acknowledged, id)
    Atomics.store(this.#shared, SLOT.told, id)
  }

  started(id: number): void {
    Atomics.store(this.#shared, SLOT.startedAt, clock())
    Atomics.store(this.#shared, SLOT.execution, id)
  }

  ended(id: number): void {
    Atomics.store(this.#shared, SLOT.ended, id)
  }

  /** Whether the person is ending this execution: any error in it now comes from the interrupt. */
  isInterrupting(id: number): boolean {
    return Atomics.load(this.#shared, SLOT.interrupting) === id
  }

  set asyncHooks(active: boolean) {
    Atomics.store(this.#shared, SLOT.asyncHooks, active ? 1 : 0)
  }

  /**
   * Runs `task` so that SIGINT ends it.
   * @throws what it throws, or on interrupt an error with code ERR_SCRIPT_EXECUTION_INTERRUPTED.
   */
  runInterruptibly(task: () => unknown): unknown {
    this.#task = task
    this.#isInScript = true
    try {
      return runInThisContext(this.#outer, { breakOnSigint: true, displayErrors: false })
    } catch (error) {
      // The interrupt was heard. The next step, V8's termination, would hit the code that ends the
      // cell.
      if (isInterruption(error)) {
        Atomics.store(
          this.#shared,
          SLOT.acknowledged,
          Atomics.load(this.#shared, SLOT.interrupting),
        )
      }
      throw error
    } finally {
      // An interrupted `enter` did not run its own `finally`.
      this.#leave(0)
      this.#isInScript = false
      this.#addSigintListeners()
    }
  }

  /**
   * Runs `task` so that no interrupt hits it. It must be short: the worker ends a hold that takes
   * long, because code of the cell may run in it (a hook, a getter).
   */
  hold<Value>(task: () => Value): Value {
    const shared = this.#shared
    for (let waits = 0; ; waits++) {
      const phase = Atomics.load(shared, SLOT.phase)
      // Within another hold nothing can come.
      if (phase === PHASE.held) return task()
      const isFree = phase === PHASE.sync || phase === PHASE.idle
      if (isFree && Atomics.compareExchange(shared, SLOT.phase, phase, PHASE.held) === phase) {
        // The worker says this before it looks at the phase, so one of the two sees the other.
        if (Atomics.load(shared, SLOT.terminating) === 0 || waits >= HOLD_WAITS) {
          this.#holds += 1
          Atomics.store(shared, SLOT.hold, holdOf(this.#holds, phase))
          try {
            return task()
          } finally {
            // Not if the worker has ended the hold: it may have signalled since.
            Atomics.compareExchange(shared, SLOT.phase, PHASE.held, phase)
          }
        }
        Atomics.store(shared, SLOT.phase, phase)
      } else if (waits >= HOLD_WAITS) return task()
      // An interrupt is on its way: it ends this wait.
      Atomics.wait(pause, 0, 0, 1)
    }
  }

  /** Called by the outer script only. */
  enter(): unknown {
    Atomics.store(this.#shared, SLOT.phase, PHASE.sync)
    try {
      return this.#task()
    } finally {
      // A signal on its way must arrive while it is still caught.
      this.#leave(20)
    }
  }

  /** Stops the main thread until the kernel process has answered. */
  waitForAnswer(): CallAnswer {
    for (;;) {
      Atomics.wait(this.#shared, SLOT.answer, 0)
      Atomics.store(this.#shared, SLOT.answer, 0)
      const answer = this.#answers.receive()
      if (answer) return answer.message
    }
  }

  /** Like `waitForAnswer`, but for a limited time; undefined if no answer came. */
  waitForPlaces(id: number): Array<Place | undefined> | undefined {
    for (;;) {
      if (Atomics.wait(this.#shared, SLOT.places, 0, PLACES_TIME) === 'timed-out') return undefined
      Atomics.store(this.#shared, SLOT.places, 0)
      for (;;) {
        const answer = this.#places.receive()
        if (!answer) break
        // Skip an answer to a question that was given up.
        if (answer.message.id === id) return answer.message.places
      }
    }
  }

  #leave(waitMs: number): void {
    const shared = this.#shared
    if (Atomics.compareExchange(shared, SLOT.phase, PHASE.sync, PHASE.idle) === PHASE.sync) return
    while (Atomics.load(shared, SLOT.phase) !== PHASE.idle) {
      if (waitMs > 0) Atomics.wait(pause, 0, 0, waitMs)
      Atomics.compareExchange(shared, SLOT.phase, PHASE.signalled, PHASE.idle)
    }
  }
}
