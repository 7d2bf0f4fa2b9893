// A path of a file that somebody types in a string of a cell: `readFileSync('data/me`. Relative
// ones are in the folder in which cells run.
import { endsInText } from '../cell/lexer.ts'
import { filesLike } from '../magics/index.ts'
import type { Surroundings } from '../magics/magic.ts'
import type { Completion } from '../runtime/runtime.ts'

/** UTF-16 units: of a path, and of the code before it that is looked at. */
const LONGEST = 500
const BEFORE = 20_000
/** Quotes in a line that may be the one that begins the string. */
const TRIES = 4

/** Undefined if the cursor is in no string that could be a path. */
export function completePath(
  code: string,
  cursor: number,
  surroundings: Surroundings,
): Completion | undefined {
  const typed = stringBefore(code, cursor)
  if (typed === undefined) return undefined
  const start = cursor - typed.length
  // With nothing typed any text may be meant, except where a function takes it.
  if (typed === '' && !/\(\s*["'`]$/.test(code.slice(Math.max(start - LONGEST, 0), start))) {
    return undefined
  }
  const isShort = typed.length < LONGEST && !typed.includes('\\') && !typed.includes('\0')
  const found = isShort ? filesLike(typed, surroundings) : []
  return found.length === 0
    ? undefined
    : { matches: found.map((text) => ({ text, type: 'path' })), start, end: cursor }
}

/** What is between the quote that opens a string and the cursor in it. */
function stringBefore(code: string, cursor: number): string | undefined {
  const from = Math.max(cursor - BEFORE, 0)
  const before = code.slice(from === 0 ? 0 : code.indexOf('\n', from) + 1, cursor)
  if (!endsInText(before)) return undefined
  const line = before.slice(before.lastIndexOf('\n') + 1)
  let tries = 0
  for (let at = line.length - 1; at >= 0 && tries < TRIES; at--) {
    if (!`"'\``.includes(line.charAt(at))) continue
    tries += 1
    const typed = line.slice(at + 1)
    if (typed.includes(line.charAt(at)) || typed.includes('${')) return undefined
    if (!endsInText(before.slice(0, before.length - typed.length - 1))) return typed
  }
  return undefined
}
