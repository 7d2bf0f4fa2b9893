// `jupyterpost relay reload`: has a running relay read its policy anew, by the signal that means
// this everywhere. Only the user who runs the relay may.
import { existsSync, realpathSync } from 'node:fs'
import { join } from 'node:path'

import { parseArgv } from '../post/arguments/argv.ts'
import { UsageError } from '../post/arguments/usage-error.ts'
import type { Flag } from '../post/contract/flags.ts'
import { PostError } from '../post/contract/error.ts'
import { stateFolder } from '../post/relay/folders.ts'
import { EXIT } from './command.ts'

const DATABASE: Flag = {
  name: '--database',
  value: 'FILE',
  description: "default: JUPYTERPOST_DATABASE, else the local relay's",
}

/** @throws {PostError} if there is no such relay, or it is another user's */
export async function reload(argv: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  const { words, flags } = parseArgv(argv, [DATABASE])
  if (words.length > 0) throw new UsageError(`Unexpected ${words[0]}`)
  const named = flags.get('database')?.[0] ?? env.JUPYTERPOST_DATABASE
  const database = named ?? join(stateFolder(env), 'jupyterpost.sqlite')
  if (!existsSync(database)) throw new PostError('storage', `There is no database ${database}`)
  process.kill(await holder(`${realpathSync(database)}.lock`), 'SIGHUP')
  process.stdout.write(
    'The relay reads its policy again; its log and /ready say what came of it.\n',
  )
  return EXIT.accepted
}

async function holder(lock: string): Promise<number> {
  const { holderOf } = await import('../service/lock-holder.ts')
  const { RelayError } = await import('../service/errors.ts')
  try {
    return holderOf(lock)
  } catch (error) {
    if (error instanceof RelayError) throw new PostError(error.code, error.message)
    throw error
  }
}
