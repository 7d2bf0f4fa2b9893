// A text that may nest too deeply is first given to another process: if that one dies, this one
// lives and tells the person why. Texts of usual size never come here; for the others it costs the
// start of a Node and a second compilation (docs/performance.md).
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { codeFrame } from './code-frame.ts'
import { compileCell } from './compile.ts'
import type { CompileOptions } from './compile.ts'
import { CellSyntaxError } from './compiled.ts'
import type { CompiledCell } from './compiled.ts'
import { isComplete } from './is-complete.ts'
import type { Completeness } from './is-complete.ts'
import type { MagicSyntax } from './magic-scanner.ts'
import { mayNestTooDeeply } from './nesting.ts'
import { TOO_DEEP } from './parse.ts'

const extension = import.meta.url.slice(import.meta.url.lastIndexOf('.'))
const CHILD = fileURLToPath(new URL(`./canary-child${extension}`, import.meta.url))

/** What the other process gets, as JSON on its stdin. */
export interface CanaryTask {
  source: string
  /** Undefined: only judge whether the text is complete. */
  compile?: {
    filename: string
    magics: Array<[name: string, syntax: MagicSyntax]>
  }
}

/** Like `compileCell`; also rejects with the reason of `signal`. */
export async function compileSafely(
  source: string,
  options: Omit<CompileOptions, 'isProven' | 'magics'> & {
    magics?: ReadonlyMap<string, MagicSyntax>
  },
  signal?: AbortSignal,
): Promise<CompiledCell> {
  if (!mayNestTooDeeply(source)) return compileCell(source, options)
  const magics = [...(options.magics ?? [])]
  const { filename } = options
  if (!(await survives({ source, compile: { filename, magics } }, signal))) throw tooDeep(source)
  try {
    return compileCell(source, { ...options, isProven: true })
  } catch (error) {
    // Our own walk through the tree ran out of stack; the cell's errors are never RangeErrors.
    if (error instanceof RangeError) throw tooDeep(source)
    throw error
  }
}

/** Like `isComplete`; a text that nests too deeply is invalid. */
export async function judgeSafely(code: string): Promise<Completeness> {
  if (!mayNestTooDeeply(code)) return isComplete(code)
  if (!(await survives({ source: code }))) return { status: 'invalid', indent: '' }
  return isComplete(code, undefined, { isProven: true })
}

function tooDeep(source: string): CellSyntaxError {
  const start = { line: 1, column: 0 }
  return new CellSyntaxError(TOO_DEEP, { ...start, frame: codeFrame(source, start) })
}

/** Whether a process that does the same work survives it. */
async function survives(task: CanaryTask, signal?: AbortSignal): Promise<boolean> {
  signal?.throwIfAborted()
  const child = spawn(process.execPath, [CHILD], { stdio: ['pipe', 'ignore', 'ignore'] })
  const stop = (): void => void child.kill('SIGKILL')
  signal?.addEventListener('abort', stop)
  // It may die before it has read everything: its exit tells us.
  child.stdin.on('error', () => undefined)
  child.stdin.end(JSON.stringify(task))
  try {
    const code = await new Promise((resolve, reject) => {
      child.once('exit', resolve)
      child.once('error', reject)
    })
    signal?.throwIfAborted()
    return code === 0
  } finally {
    signal?.removeEventListener('abort', stop)
  }
}
