// The value of a cell that is a promise: awaited, since people want to see what it comes to. One that never comes to anything (a server that
// runs on) is told, with what to do.
import { Buffer } from 'node:buffer'
import { clearTimeout, setTimeout } from 'node:timers'
import type { OutputWriter } from './streams.ts'

/** ms until the person is told what the cell waits for. */
const PATIENCE = 10_000

const WAITING = Buffer.from(
  '[the cell waits for its last value, a promise that has not settled for 10 s: interrupt the cell, or write ;; behind that line to go on without it]\n',
)

export async function settled(value: unknown, writer: OutputWriter): Promise<unknown> {
  const timer = setTimeout(() => writer.text(2, WAITING), PATIENCE)
  try {
    return await value
  } finally {
    clearTimeout(timer)
  }
}
