// A cell's value that is a promise is awaited, since people want to see its result. If it never
// settles (a server that runs on), the person is told so, and what to do.
import { clearTimeout, setTimeout } from 'node:timers'
import { types } from 'node:util'
import type { OutputWriter } from './streams.ts'
import { settled } from './user-promises.ts'

/** ms until the person is told what the cell waits for. */
const PATIENCE = 10_000

const WAITING =
  '[the cell waits for its last value, a promise that has not settled for 10 s: interrupt the cell, or write ;; after that line to go on without it]\n'

const startTimer = setTimeout
const stopTimer = clearTimeout

/** The value in an object, as `settled` gives it. */
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
