// What the subcommands for a relay's admin share: which database, and errors in words.
import { join } from 'node:path'

import type { Flag } from '../post/contract/flags.ts'
import { PostError } from '../post/contract/error.ts'
import { stateFolder } from '../post/relay/folders.ts'

export const DATABASE: Flag = {
  name: '--database',
  value: 'FILE',
  description: "default: JUPYTERPOST_DATABASE, else the local relay's",
}

export function databaseOf(
  flags: ReadonlyMap<string, readonly string[]>,
  env: NodeJS.ProcessEnv,
): string {
  const named = flags.get('database')?.at(-1) ?? env.JUPYTERPOST_DATABASE
  return named ?? join(stateFolder(env), 'jupyterpost.sqlite')
}

/** @throws {PostError} for what the relay's code refuses, which is shown without a stack */
export async function refusing<T>(run: () => T | Promise<T>): Promise<T> {
  const { RelayError } = await import('../service/errors.ts')
  try {
    return await run()
  } catch (error) {
    if (error instanceof RelayError) throw new PostError(error.code, error.message)
    throw error
  }
}
