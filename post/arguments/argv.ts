// Reads the arguments of a program: flags may stand anywhere, other words that begin with one dash
// are text (`-5C`), and `--` ends the flags.
import type { Flag } from '../contract/flags.ts'
import { readFlags } from './parser.ts'
import type { Parsed, Wording } from './parser.ts'

const WORDING: Wording = {
  unknown: (typed) => `Unknown flag ${typed.split('=', 1)[0]}`,
  withoutValue: ({ name }) => `${name} needs a value`,
}

/** @throws {UsageError} */
export function parseArgv(
  argv: readonly string[],
  flags: readonly Flag[],
  wording: Wording = WORDING,
): Parsed {
  return readFlags(argv, { flags, wording, where: 'anywhere' })
}
