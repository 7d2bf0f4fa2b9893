// The flags of `jupyterpost relay`. Settings that have no flag are variables (`config.ts`).
import { parseArgv } from '../post/arguments/argv.ts'
import { checkOnce } from '../post/arguments/parser.ts'
import type { Wording } from '../post/arguments/parser.ts'
import { UsageError } from '../post/arguments/usage-error.ts'
import type { Flag } from '../post/contract/flags.ts'

export const FLAGS = [
  {
    name: '--mode',
    value: 'local|hub',
    description: 'hub if JUPYTERHUB_SERVICE_NAME is set, else local',
  },
  {
    name: '--listen',
    value: 'HOST:PORT',
    description: 'default: 127.0.0.1 and a free port; on a Hub JUPYTERHUB_SERVICE_URL',
  },
  { name: '--database', value: 'FILE', description: 'default: JUPYTERPOST_DATABASE' },
  {
    name: '--config',
    value: 'FILE',
    description: 'several chat services and policies; default: JUPYTERPOST_CONFIG',
  },
] as const satisfies readonly Flag[]

/** Each wins over its variable. */
export interface Flags {
  mode?: string
  listen?: string
  database?: string
  config?: string
}

const USAGE = `jupyterpost relay ${FLAGS.map(({ name, value }) => `[${name} ${value}]`).join(' ')}`

const complaint = (name: string) => `${name}: no such flag, or no value`
const WORDING: Wording = {
  unknown: (typed) => complaint(typed.split('=', 1)[0] ?? typed),
  withoutValue: ({ name }) => complaint(name),
}

/** @throws {UsageError} in one line, with the usage. */
export function parseFlags(argv: readonly string[]): Flags {
  try {
    const { words, flags } = parseArgv(argv, FLAGS, WORDING)
    checkOnce(flags, FLAGS)
    if (words.length > 0) throw new UsageError(`Unexpected ${words[0]}`)
    return Object.fromEntries([...flags].map(([name, [value]]) => [name, value]))
  } catch (error) {
    if (!(error instanceof UsageError)) throw error
    throw new UsageError(`${error.message}. Usage: ${USAGE}`, { cause: error })
  }
}
