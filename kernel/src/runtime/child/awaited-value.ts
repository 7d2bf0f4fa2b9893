// The value of a cell that is a promise: awaited, since people want to see what it comes to. One that never comes to anything (a server that
// runs on) is told, with what to do.
import { clearTimeout, setTimeout } from 'node:timers'
import { types } from 'node:util'
import type { OutputWriter } from './streams.ts'
import { settled } from './user-promises.ts'

/** ms until the person is told what the cell waits for. */
const PATIENCE = 10_000

const WAITING =
  '[the cell waits for its last value, a promise that has not settled for 10 s: interrupt the cell, or write ;; behind that line to go on without it]\n'

const startTimer = setTimeout
const stopTimer = clearTimeout

/** In an object, as `settled` gives it. */
export async function awaitedValue(
  value: unknown,
  writer: OutputWriter,
): Promise<{ value: unknown }> {
  const timer = startTimer(() => writer.text(2, WAITING), PATIENCE)
  try {
    return types.isPromise(value) ? await settled(value) : { value: await value }
  } finally {
    stopTimer(timer)
  }
}
