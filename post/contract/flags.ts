// The flags of the magics that post (docs/spec.md 1), which the Python package reads too.
import document from './flags.json' with { type: 'json' }

export interface Flag {
  /** With its dashes: `--thread`. */
  name: string
  /** One letter with its dash: `-i`. */
  short?: string
  /** Name of its value in the usage line; without one the flag is a switch. */
  value?: string
  /** All values that it takes, if they are few. */
  choices?: readonly string[]
  /** For people: what its value has to be. */
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

/** `%%post` -> its usage and flags, in the order in which help shows them. */
export function flagsOf(magic: keyof typeof document.magics): MagicFlags {
  const { flags, ...words } = document.magics[magic]
  return { ...words, flags: flags.map(flagNamed) }
}

/** @param name - With its dashes. */
export function flagNamed(name: string): Flag {
  const flag = FLAGS[name]
  if (flag === undefined) throw new Error(`flags.json does not describe ${name}`)
  const value = flag.value ?? flag.choices?.join('|')
  return { name, ...flag, ...(value === undefined ? {} : { value }) }
}
