// `jupyterpost relay backup` and `jupyterpost relay restore`.
import { existsSync, realpathSync } from 'node:fs'

import { parseArgv } from '../post/arguments/argv.ts'
import { UsageError } from '../post/arguments/usage-error.ts'
import { EXIT } from './command.ts'
import { DATABASE, databaseOf, refusing } from './relay-database.ts'

/** @throws {PostError} */
export async function backup(argv: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  const { file, database } = read(argv, env)
  process.umask(0o077)
  const { backUp } = await import('../service/backup.ts')
  const { bytes } = await refusing(() => backUp(database, file))
  process.stdout.write(`${file}: ${bytes} bytes, checked. It has all posts: keep it private.\n`)
  return EXIT.accepted
}

/** @throws {PostError} */
export async function restore(argv: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  const { file, database } = read(argv, env)
  process.umask(0o077)
  const { restore: putBack } = await import('../service/restore.ts')
  const { waiting, newest } = await refusing(() => putBack(file, database, Date.now()))
  const at = new Date(newest).toISOString()
  process.stdout.write(
    `${database}: as it was at ${at}. ${waiting} posts wait; the chat is asked for each before it is sent.\n`,
  )
  return EXIT.accepted
}

/** @throws {UsageError} */
function read(argv: readonly string[], env: NodeJS.ProcessEnv): { file: string; database: string } {
  const { words, flags } = parseArgv(argv, [DATABASE])
  const [file, more] = words
  if (file === undefined) throw new UsageError('Expected the FILE of the backup')
  if (more !== undefined) throw new UsageError(`Unexpected ${more}`)
  const path = databaseOf(flags, env)
  // The lock is that of the real file.
  return { file, database: existsSync(path) ? realpathSync(path) : path }
}
