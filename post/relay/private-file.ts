// Files and folders that only their owner may read, from the moment they are made and whatever the
// umask. They hold posts, tokens and cells, and whoever can open a file can hold a lock on it. If
// others can read one (made by an earlier version, or copied), its mode is changed and a line says
// so.
import { chmodSync, closeSync, existsSync, mkdirSync, openSync, statSync } from 'node:fs'
import { codeOf, messageOf } from '../contract/error.ts'

/** Takes one line about a mode that was changed, or could not be. */
export type Note = (line: string) => void

const OTHERS = 0o077

/**
 * Makes the folder and those above it if they do not exist. Only for folders that jupyterpost
 * names, because it changes the mode of an existing one.
 */
export function privateFolder(path: string, note: Note = toStderr): void {
  mkdirSync(path, { recursive: true, mode: 0o700 })
  mend(path, 0o700, note)
}

/**
 * Makes an empty file if it does not exist. An existing file is not opened, because closing it
 * would release every lock that this process has on it (fcntl(2), "Record locks").
 */
export function privateFile(path: string, note: Note = toStderr): void {
  try {
    closeSync(openSync(path, 'wx', 0o600))
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error
    // A link to a file that does not exist yet: make that file.
    if (existsSync(path)) mend(path, 0o600, note)
    else closeSync(openSync(path, 'a', 0o600))
  }
}

/** For files that another program makes, such as those that SQLite makes beside a database. */
export function mendFile(path: string, note: Note = toStderr): void {
  mend(path, 0o600, note)
}

function mend(path: string, mode: number, note: Note): void {
  // Windows has access lists instead of modes, and a home folder is private there.
  if (process.platform === 'win32') return
  const stats = statSync(path, { throwIfNoEntry: false })
  // A folder in place of the file: opening it will report that.
  if (!stats || (stats.mode & OTHERS) === 0 || (mode === 0o600 && !stats.isFile())) return
  const was = (stats.mode & 0o777).toString(8)
  try {
    chmodSync(path, mode)
    note(`${path} could be used by others (mode ${was}): now only its owner can use it`)
  } catch (error) {
    note(`${path} can be used by others (mode ${was}): ${messageOf(error)}`)
  }
}

function toStderr(line: string): void {
  process.stderr.write(`jupyterpost: ${line}\n`)
}
