// `jupyterpost relay reload`: has a running relay read its policy and token files anew, by the
// signal that means this everywhere. Only the user who runs the relay may.
import { existsSync, realpathSync } from 'node:fs'

import { parseArgv } from '../post/arguments/argv.ts'
import { UsageError } from '../post/arguments/usage-error.ts'
import { PostError } from '../post/contract/error.ts'
import { EXIT } from './command.ts'
import { DATABASE, databaseOf, refusing } from './relay-database.ts'

/** @throws {PostError} if there is no such relay, or it is another user's */
export async function reload(argv: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  const { words, flags } = parseArgv(argv, [DATABASE])
  if (words.length > 0) throw new UsageError(`Unexpected ${words[0]}`)
  const database = databaseOf(flags, env)
  if (!existsSync(database)) throw new PostError('storage', `There is no database ${database}`)
  process.kill(await holder(`${realpathSync(database)}.lock`), 'SIGHUP')
  process.stdout.write(
    'The relay reads its policy and token files again; its log and /ready say what came of it.\n',
  )
  return EXIT.accepted
}

async function holder(lock: string): Promise<number> {
  const { holderOf } = await import('../service/lock-holder.ts')
  return refusing(() => holderOf(lock))
}
