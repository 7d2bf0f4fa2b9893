// `registerMagic`: magics that a notebook makes. The kernel process knows their names, flags and
// help; the functions stay here and run as a part of the cell that uses them.
import { bridge } from './bridge.ts'
import { cell } from './cell.ts'
import { Error, Map, Object, TypeError } from './primordials.ts'

export interface MagicFlag {
  /** One letter: `t` for `-t`. */
  short?: string
  /** The name of its value in the help: `N`. A flag without it is a switch. */
  value?: string
  description: string
}

/** By name, without dashes. */
export type MagicFlags = Readonly<Record<string, MagicFlag>>

/** A text, or true for a switch. */
type FlagValue<Flag> = Flag extends { value: string }
  ? string
  : 'value' extends keyof Flag
    ? string | true
    : true

export interface MagicArguments<Flags extends MagicFlags = MagicFlags> {
  /** The magic's line behind its flags, as typed, with `${}` parts filled in. */
  readonly line: string
  /** The flags that were given: a text if the flag takes a value, else true. */
  readonly flags: { readonly [Name in keyof Flags]?: FlagValue<Flags[Name]> }
  /** Aborted when the person interrupts the cell. */
  readonly signal: AbortSignal
}

export interface CellMagicArguments<
  Flags extends MagicFlags = MagicFlags,
> extends MagicArguments<Flags> {
  /** The cell below the magic's line, as typed. */
  readonly body: string
}

export interface MagicDefinition<Flags extends MagicFlags = MagicFlags> {
  /** The first line of its help. */
  summary: string
  flags?: Flags
  /** `%name`: a value that it returns is the cell's if the magic is its last line. */
  line?(this: void, args: MagicArguments<Flags>): unknown
  /** `%%name`: a value that it returns is the cell's. */
  cell?(this: void, args: CellMagicArguments<Flags>): unknown
  /**
   * What Tab offers on its line, beside the flags; those that begin like the typed word are shown.
   * It is called while a person types and has 200 ms, also if it is async. An error offers nothing.
   *
   * @param words - Behind the name, up to the cursor.
   * @param cursor - Which of them is typed: `words[cursor]` is `''` behind a blank.
   */
  complete?(
    this: void,
    words: readonly string[],
    cursor: number,
  ): readonly string[] | Promise<readonly string[]>
}

type Functions = Pick<MagicDefinition, 'line' | 'cell' | 'complete'>

const registered = new Map<string, Functions>()

/**
 * Makes `%name`, `%%name` or both, from the next cell on, until the kernel restarts. What they show
 * is the output of the cell that uses them, and an error is its error.
 *
 *     registerMagic('shout', {
 *       summary: 'Prints a text in capitals.',
 *       flags: { times: { short: 't', value: 'N', description: 'how often' } },
 *       line({ line, flags }) {
 *         for (let i = 0; i < Number(flags.times ?? 1); i++) console.log(line.toUpperCase())
 *       },
 *     })
 *
 * @throws {Error} for a name that is not a word or is one of the kernel's own.
 */
export function registerMagic<const Flags extends MagicFlags = MagicFlags>(
  name: string,
  definition: MagicDefinition<Flags>,
): void
export function registerMagic(name: string, definition: MagicDefinition): void {
  const runtime = bridge('registerMagic')
  const { summary, flags = {}, line, cell: ofCell, complete } = definition
  if (typeof line !== 'function' && typeof ofCell !== 'function') {
    throw new TypeError('a magic needs a function `line`, a function `cell`, or both')
  }
  runtime.callSync('register_magic', {
    name,
    summary,
    flags: Object.entries(flags).map(([flag, one]) => ({ ...one, name: flag })),
    hasLine: typeof line === 'function',
    hasCell: typeof ofCell === 'function',
    hasComplete: typeof complete === 'function',
  })
  registered.set(name, {
    ...(line && { line }),
    ...(ofCell && { cell: ofCell }),
    ...(complete && { complete }),
  })
}

export interface MagicUse {
  name: string
  line: string
  flags: Record<string, string | true>
  /** Undefined for a line magic. */
  body: string | undefined
}

/** @throws what the function throws. */
export function useMagic({ name, line, flags, body }: MagicUse): unknown {
  const functions = registered.get(name)
  const args = { line, flags, signal: cell.signal }
  if (body === undefined && functions?.line) return functions.line(args)
  if (body !== undefined && functions?.cell) return functions.cell({ ...args, body })
  throw new Error(
    `the magic ${name} was registered in a process that has ended: run the cell with registerMagic again`,
  )
}

/** What a magic offers for the last of the words. @throws what its function throws. */
export function completeMagic(name: string, words: readonly string[]): unknown {
  return registered.get(name)?.complete?.(words, words.length - 1)
}
