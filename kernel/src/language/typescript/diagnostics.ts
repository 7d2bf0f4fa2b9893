// Which of the checker's diagnostics a person reads: errors of types, at their places in the cell.
// Syntax is the compiler's business, and options of the folder that are about style or output say
// nothing about a cell.
import { positionAt } from '../../cell/position.ts'
import type { Diagnostic } from '../language.ts'
import { domUses } from './dom-names.ts'
import type { ServerDiagnostic } from './messages.ts'
import { offsetOf } from './places.ts'
import type { Separated } from './separated.ts'

const ERROR = 1
/** A name that nothing declares; the runtime may have it all the same. */
const NAMES: ReadonlySet<number> = new Set([
  2304, 2318, 2503, 2552, 2580, 2581, 2582, 2583, 2584, 2591, 2592, 2593, 2662, 2663, 2693, 2868,
  18004,
])
/** A module that was not found; the runtime may find it all the same. */
const MODULES: ReadonlySet<number> = new Set([2307, 2792, 2882])
const ASSIGNED_IMPORT = 2632
/**
 * Not about types: syntax and grammar, declaration files, options, hints, JSX without its option.
 */
const OTHER_RANGES: ReadonlyArray<readonly [from: number, to: number]> = [
  [0, 1999],
  [4000, 4110],
  [5000, 6999],
  [9000, 9999],
  [17000, 17999],
]
/** Packages without types, code that is not reached, helpers that are not used here. */
const OTHERS: ReadonlySet<number> = new Set([2343, 2354, 7016, 7027, 7028])
/** An annotation that is missing: only a folder whose tsconfig is strict demands it. */
const IMPLICIT_ANY = { from: 7005, to: 7057 }
/** `this` of a function that is meant as a constructor. */
const IMPLICIT_THIS = 2683
/** The checker reads other syntax than the compiler, such as JSX: the rest means nothing then. */
const MISREAD = { from: 1000, to: 1199 }
/** `return` outside a function, decorators and modifiers, which are read alike. */
const READ_ALIKE: ReadonlySet<number> = new Set([1108, 1117, 1156, 1184, 1192])

/**
 * @param code - `isAnnotated`: whether the folder demands annotations.
 * @param kindOf - Of a name of an earlier cell: what it is, as an error says it.
 */
export function diagnosticsOf(
  found: readonly ServerDiagnostic[],
  code: Separated & { plain: string; isAnnotated: boolean },
  kindOf: (name: string) => 'constant' | 'function' | 'class' | 'enum' | undefined,
): Diagnostic[] {
  const errors = found.filter(({ severity }) => severity === ERROR)
  if (errors.some(isMisread)) return []
  const isUnknown = errors.some(({ code: number }) => NAMES.has(number))
  const tolerated = isUnknown ? domUses(code.text) : new Set<number>()
  return errors.flatMap((error) => {
    const from = offsetOf(code.text, error.range.start)
    const to = offsetOf(code.text, error.range.end)
    if (from === undefined || to === undefined || isOther(error.code)) return []
    if (!code.isAnnotated && isImplicit(error.code)) return []
    const { plain } = code
    const [start, end] = [code.inCell(from), code.inCell(to)]
    const text = plain.slice(start, end)
    // Lines as code frames count them, which know more line ends than the server.
    const known = { ...wordsOf(error, text, kindOf), ...positionAt(plain, start) }
    if (NAMES.has(error.code)) return tolerated.has(from) ? [] : [{ ...known, name: text }]
    return [MODULES.has(error.code) ? { ...known, module: text.slice(1, -1) } : known]
  })
}

function isMisread({ code }: ServerDiagnostic): boolean {
  return isIn(MISREAD, code) && !READ_ALIKE.has(code)
}

function isImplicit(code: number): boolean {
  return code === IMPLICIT_THIS || isIn(IMPLICIT_ANY, code)
}

function isIn({ from, to }: { from: number; to: number }, code: number): boolean {
  return code >= from && code <= to
}

function isOther(code: number): boolean {
  return OTHERS.has(code) || OTHER_RANGES.some(([from, to]) => code >= from && code <= to)
}

/** To the checker a name of an earlier cell is an import, which is not what a person wrote. */
function wordsOf(
  { code, message }: ServerDiagnostic,
  name: string,
  kindOf: (name: string) => keyof typeof ASSIGNED | undefined,
): { code: number; message: string } {
  const kind = code === ASSIGNED_IMPORT ? kindOf(name) : undefined
  if (!kind) return { code, message }
  const { code: better, words } = ASSIGNED[kind]
  return { code: better, message: `Cannot assign to '${name}' because it is ${words}.` }
}

/** As TypeScript says it in one file. */
const ASSIGNED = {
  constant: { code: 2588, words: 'a constant' },
  function: { code: 2630, words: 'a function' },
  class: { code: 2629, words: 'a class' },
  enum: { code: 2628, words: 'an enum' },
}
