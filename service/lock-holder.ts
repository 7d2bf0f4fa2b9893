// Which process holds the lock of a database: a file beside the lock, because the lock itself is
// SQLite's and holds no text. It counts only as long as the lock is taken.
import { lstatSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { z } from 'zod'

import { tryLock } from '../post/relay/lock.ts'
import { thisMachine } from '../post/relay/relay-file.ts'
import { RelayError } from './errors.ts'

const Holder = z.object({ host: z.string(), boot: z.string(), pid: z.int().positive() })

function holderPath(lock: string): string {
  return `${lock}.json`
}

/** Only while the lock is held. @returns The function that removes the file. */
export function nameHolder(lock: string): () => void {
  const path = holderPath(lock)
  const draft = `${path}.${process.pid}`
  const holder = { ...thisMachine(), pid: process.pid }
  rmSync(draft, { force: true })
  writeFileSync(draft, `${JSON.stringify(holder)}\n`, { mode: 0o600, flag: 'wx' })
  renameSync(draft, path)
  return () => rmSync(path, { force: true })
}

/**
 * The process that holds the lock, if it is this user's and runs on this machine.
 * @throws {RelayError} `storage`, with what is in the way
 */
export function holderOf(lock: string): number {
  const own = process.getuid?.()
  const files = [lock, holderPath(lock)].map((path) => lstatSync(path, { throwIfNoEntry: false }))
  if (!files[0]) throw refused(`No relay has used ${lock} yet`)
  for (const file of files) {
    if (!file || file.uid === own) continue
    throw refused(
      `The relay of ${lock} is that of user ${file.uid}, and you are ${own}: run this as that user`,
    )
  }
  const release = tryLock(lock)
  release?.()
  if (release) throw refused(`No relay runs that holds ${lock}`)
  if (!files[1]?.isFile())
    throw refused(`The relay that holds ${lock} is of an earlier version: send it SIGHUP`)
  const { pid, ...machine } = Holder.parse(JSON.parse(readFileSync(holderPath(lock), 'utf8')))
  const here = thisMachine()
  if (machine.host !== here.host || machine.boot !== here.boot)
    throw refused(`The relay of ${lock} runs on ${machine.host}: run this there`)
  return pid
}

function refused(words: string): RelayError {
  return new RelayError('storage', words)
}
