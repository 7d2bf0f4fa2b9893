// The relay that a subcommand talks to: `--url` and `--token-file`, or the environment. A token is never an argument: arguments
// are seen by everybody who lists processes, and land in the shell's history.
import { readFileSync } from 'node:fs'
import { RelayPoster } from '../post/relay/poster.ts'
import { UsageError } from './command.ts'
import type { FlagTable, Words } from './command.ts'

export const ADDRESS_FLAGS = {
  url: { value: true },
  'token-file': { value: true },
  token: { value: true },
} as const satisfies FlagTable

export const ADDRESS_USAGE = `  --url URL          another relay than JUPYTERPOST_URL; needs a token of its own
  --token-file FILE  file with the token; else JUPYTERPOST_TOKEN, JUPYTERHUB_API_TOKEN or JPY_API_TOKEN`

/** @throws {UsageError} */
export function posterOf({ flags }: Words, env: NodeJS.ProcessEnv): RelayPoster {
  if (flags.has('token')) {
    throw new UsageError(
      '--token is refused: arguments can be read by others (ps, shell history). Set JUPYTERPOST_TOKEN, or use --token-file FILE',
    )
  }
  const tokenFile = flags.get('token-file')?.at(-1)
  return new RelayPoster({
    env,
    url: flags.get('url')?.at(-1),
    token: tokenFile === undefined ? undefined : readToken(tokenFile),
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
  if (!/^[\x21-\x7e]+$/.test(token))
    throw new UsageError(`${path} holds no token: expected one line of ASCII without blanks`)
  return token
}
