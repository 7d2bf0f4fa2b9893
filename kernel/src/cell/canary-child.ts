// The process that parses a text which may end it (canary.ts). It says nothing: exit code 0 means that it lived.
import { text } from 'node:stream/consumers'
import type { CanaryTask } from './canary.ts'
import { compileCell } from './compile.ts'
import { CellSyntaxError } from './compiled.ts'
import { isComplete } from './is-complete.ts'

/** Frames below the work here that the kernel process does not have: what is survived here is survived there. */
const MARGIN = 2000

function work({ source, compile }: CanaryTask): void {
  if (!compile) {
    isComplete(source, undefined, { isProven: true })
    return
  }
  const magics = new Map(compile.magics)
  try {
    compileCell(source, { filename: compile.filename, magics, isProven: true })
  } catch (error) {
    // A mistake in the cell is for the kernel process to tell.
    if (!(error instanceof CellSyntaxError)) throw error
  }
}

function deeper(levels: number, task: CanaryTask): void {
  if (levels > 0) deeper(levels - 1, task)
  else work(task)
}

/** Written by canary.ts alone. */
function isTask(value: unknown): value is CanaryTask {
  return typeof value === 'object' && value !== null && 'source' in value
}

const task: unknown = JSON.parse(await text(process.stdin))
if (isTask(task)) deeper(MARGIN, task)
