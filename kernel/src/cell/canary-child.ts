// The process that parses a text which may kill it (canary.ts). It prints nothing: exit code 0
// means that it survived.
import { text } from 'node:stream/consumers'
import type { CanaryTask } from './canary.ts'
import { compileCell } from './compile.ts'
import { CellSyntaxError } from './compiled.ts'
import { isComplete } from './is-complete.ts'

/** Frames that the kernel process does not have below this: what survives here survives there. */
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
    // The kernel process reports a mistake in the cell.
    if (!(error instanceof CellSyntaxError)) throw error
  }
}

function deeper(levels: number, task: CanaryTask): void {
  if (levels > 0) deeper(levels - 1, task)
  else work(task)
}

/** Only canary.ts writes it. */
function isTask(value: unknown): value is CanaryTask {
  return typeof value === 'object' && value !== null && 'source' in value
}

const task: unknown = JSON.parse(await text(process.stdin))
if (isTask(task)) deeper(MARGIN, task)
