// Memory shared by the main thread and the control worker. It tells where the main thread is, so
// that an interrupt sends a signal only where it is caught. vm removes signal handlers around
// `breakOnSigint`: a SIGINT in that gap would kill the process.
import { performance } from 'node:perf_hooks'
import { uncurry } from '../../api/primordials.ts'

export const SLOT = {
  phase: 0,
  execution: 1,
  acknowledged: 2,
  asyncHooks: 3,
  answer: 4,
  interrupting: 5,
  places: 6,
  /** The last execution that ended. */
  ended: 7,
  /** When the execution began: see `clock`. */
  startedAt: 8,
  /** The last interrupt that the main thread's event loop has confirmed. */
  told: 9,
  /** 1 once the main thread hears messages. Until then only its start could be interrupted. */
  hears: 10,
  /** How many of V8's terminations were asked for and have not been done. */
  terminating: 11,
  /** Which hold it is, by number, and the phase that it began in: see `heldFrom`. */
  hold: 12,
} as const

/** `claimed`: the worker is about to signal; `signalled`: it did; `held`: briefly no interrupt. */
export const PHASE = { idle: 0, sync: 1, claimed: 2, signalled: 3, held: 4 } as const

export const SLOTS = 13

/** Phases are smaller. */
const PHASES = 8

/** The content of `SLOT.hold`. */
export function holdOf(count: number, phase: number): number {
  return (count * PHASES + phase) | 0
}

/** The phase that a hold began in. */
export function heldFrom(hold: number): number {
  return hold & (PHASES - 1)
}

const { timeOrigin } = performance
const now = uncurry(performance, 'now')

/** Milliseconds modulo 2^32, the same in all threads. */
export function clock(): number {
  return (timeOrigin + now(performance)) | 0
}
