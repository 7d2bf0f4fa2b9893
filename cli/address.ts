// The relay that a subcommand talks to, from `--url` and `--token-file` or from the environment. A
// token is never an argument: everybody who lists processes sees arguments, and shells keep them in
// their history.
import { readFileSync } from 'node:fs'
import { extname, join } from 'node:path'
import { RelayPoster } from '../post/relay/poster.ts'
import type { PosterOptions } from '../post/relay/poster.ts'
import { isToken } from '../post/relay/token.ts'
import { parseArgv } from '../post/arguments/argv.ts'
import type { Parsed } from '../post/arguments/parser.ts'
import { UsageError } from '../post/arguments/usage-error.ts'
import type { Flag } from '../post/contract/flags.ts'

export const ADDRESS_FLAGS: readonly Flag[] = [
  {
    name: '--url',
    value: 'URL',
    description: 'use this relay, not that of JUPYTERPOST_URL; it needs a token of its own',
  },
  {
    name: '--token-file',
    value: 'FILE',
    description:
      'file with the token; else JUPYTERPOST_TOKEN, JUPYTERHUB_API_TOKEN or JPY_API_TOKEN',
  },
]

/** In no help text. It is recognized only to say why it is refused. */
const TOKEN: Flag = { name: '--token', value: 'TOKEN', description: 'refused' }

/** It lies beside this file, as `.ts` in a clone and as `.js` in the package. */
const relayProgram = join(import.meta.dirname, `main${extname(import.meta.filename)}`)

/** @param flags - Those of the subcommand, address flags included. @throws {UsageError} */
export function readArguments(argv: readonly string[], flags: readonly Flag[]): Parsed {
  return parseArgv(argv, [...flags, TOKEN])
}

/**
 * @param more - What the subcommand itself wants of the poster.
 * @throws {UsageError}
 */
export function posterOf(
  { flags }: Parsed,
  env: NodeJS.ProcessEnv,
  more: Pick<PosterOptions, 'onSent'> = {},
): RelayPoster {
  if (flags.has('token')) {
    throw new UsageError(
      '--token is refused: arguments can be read by others (ps, shell history). Set JUPYTERPOST_TOKEN, or use --token-file FILE',
    )
  }
  const tokenFile = flags.get('token-file')?.at(-1)
  return new RelayPoster({
    env,
    relayProgram,
    url: flags.get('url')?.at(-1),
    token: tokenFile === undefined ? undefined : readToken(tokenFile),
    ...more,
  })
}

function readToken(path: string): string {
  let token: string
  try {
    token = readFileSync(path, 'utf8').trim()
  } catch (error) {
    throw new UsageError(
      `Cannot read --token-file: ${Error.isError(error) ? error.message : path}`,
      { cause: error },
    )
  }
  if (!isToken(token))
    throw new UsageError(`${path} contains no token: expected one line of ASCII without blanks`)
  return token
}
