// Files and folders that only their owner may read, from their first byte, whatever the umask: posts, tokens and cells are in them, and
// who can open a file can hold a lock on it. One that others can read, of an earlier version or copied, is mended, which is said.
import { chmodSync, closeSync, existsSync, mkdirSync, openSync, statSync } from 'node:fs'
import { codeOf, messageOf } from '../contract/error.ts'

/** Takes one line about what was mended, or could not be. */
export type Note = (line: string) => void

const OTHERS = 0o077

/** Makes the folder, those above it too, if it is not there. It must be one that we named: anybody else's keeps its mode. */
export function privateFolder(path: string, note: Note = toStderr): void {
  mkdirSync(path, { recursive: true, mode: 0o700 })
  mend(path, 0o700, note)
}

/**
 * Makes the file, empty, if it is not there. One that is there is not opened: to close it would give back every lock that this process
 * has on it (fcntl(2), "Record locks").
 */
export function privateFile(path: string, note: Note = toStderr): void {
  try {
    closeSync(openSync(path, 'wx', 0o600))
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error
    // A link whose end is not there yet is made there.
    if (existsSync(path)) mend(path, 0o600, note)
    else closeSync(openSync(path, 'a', 0o600))
  }
}

/** For files that another program makes: those beside a database. */
export function mendFile(path: string, note: Note = toStderr): void {
  mend(path, 0o600, note)
}

function mend(path: string, mode: number, note: Note): void {
  // Windows has other rules than modes, and a home there is private.
  if (process.platform === 'win32') return
  const stats = statSync(path, { throwIfNoEntry: false })
  // A folder in place of a file is told by who opens it.
  if (!stats || (stats.mode & OTHERS) === 0 || (mode === 0o600 && !stats.isFile())) return
  const was = (stats.mode & 0o777).toString(8)
  try {
    chmodSync(path, mode)
    note(`${path} could be used by others (mode ${was}): it is its owner's alone now`)
  } catch (error) {
    note(`${path} can be used by others (mode ${was}): ${messageOf(error)}`)
  }
}

function toStderr(line: string): void {
  process.stderr.write(`jupyterpost: ${line}\n`)
}
