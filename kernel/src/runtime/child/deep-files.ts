// A local file that nests too deeply ends the process of the compiler that reads it. One that may
// is first given to a process of its own, and refused if that one dies.
import type * as ChildProcess from 'node:child_process'
import { createRequire } from 'node:module'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { JSON, Math, URL } from '../../api/primordials.ts'
import type { CompilerOptions } from './project.ts'

/** Loaded when first needed, so that the start does not wait for it. */
const load: (name: 'node:child_process') => typeof ChildProcess = createRequire(import.meta.url)

const extension = import.meta.url.slice(import.meta.url.lastIndexOf('.'))
const CANARY = fileURLToPath(new URL(`./lowering-canary${extension}`, import.meta.url))

/** Levels that every compiler bears: the fewest that ended one were 2,040. */
const BEARABLE = 1000
/** ms. One that takes longer is not waited for. */
const PATIENCE = 30_000

/** What nests without a bracket. */
const CHAINED = /\?|=>|\bif\b/g

/** What the other process gets as its argument. */
export interface CanaryTask {
  filename: string
  options: CompilerOptions
  commonJs: boolean
}

export function endsCompiler(text: string, task: CanaryTask): boolean {
  if (text.length <= BEARABLE || !mayNestTooDeeply(text)) return false
  const { status } = load('node:child_process').spawnSync(
    process.execPath,
    [CANARY, JSON.stringify(task)],
    {
      stdio: 'ignore',
      timeout: PATIENCE,
    },
  )
  return status !== 0
}

/** Brackets in strings and comments count too: then the other process tells. */
function mayNestTooDeeply(text: string): boolean {
  let depth = 0
  for (let at = 0; at < text.length; at++) {
    const character = text[at]
    if (character === '(' || character === '[' || character === '{') depth += 1
    else if (character === ')' || character === ']' || character === '}') {
      depth = Math.max(depth - 1, 0)
    }
    if (depth > BEARABLE) return true
  }
  let chained = 0
  CHAINED.lastIndex = 0
  while (chained <= BEARABLE && CHAINED.test(text)) chained += 1
  return chained > BEARABLE
}
