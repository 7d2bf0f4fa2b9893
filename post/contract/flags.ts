// The flags of the magics that post (docs/spec.md 1), which the Python package reads too.
import { filled } from './filled.ts'
import type { Values } from './filled.ts'
import document from './flags.json' with { type: 'json' }

export interface Flag {
  /** With dashes: `--thread`. */
  name: string
  /** One letter with a dash: `-i`. */
  short?: string
  /** The name of its value in the usage line. A flag without it is a switch. */
  value?: string
  /** All values that it takes, if there are few. */
  choices?: readonly string[]
  /** What the value must be, in words for people. */
  expected?: string
  repeatable?: boolean
  description: string
}

export interface MagicFlags {
  summary: string
  usage: string
  flags: readonly Flag[]
}

const FLAGS: Readonly<Record<string, Omit<Flag, 'name'>>> = document.flags

/** The usage and the flags of a magic such as `%%post`, in the order in which help shows them. */
export function flagsOf(magic: keyof typeof document.magics): MagicFlags {
  const { flags, ...words } = document.magics[magic]
  return { ...words, flags: flags.map(flagNamed) }
}

/** @param name - With dashes. */
export function flagNamed(name: string): Flag {
  const flag = FLAGS[name]
  if (flag === undefined) throw new Error(`flags.json does not describe ${name}`)
  const value = flag.value ?? flag.choices?.join('|')
  return { name, ...flag, ...(value === undefined ? {} : { value }) }
}

/** The message for a mistake in a magic's line, with each `{name}` replaced by its value. */
export function mistake(name: keyof typeof document.mistakes, values: Values = {}): string {
  return filled(document.mistakes[name], values)
}
