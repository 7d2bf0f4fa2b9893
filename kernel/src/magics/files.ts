// Names of files in a magic's line: relative ones are in the notebook's current folder, `~` is the
// home of its environment.
import { readFileSync, readdirSync, statSync } from 'node:fs'
import type { Dirent } from 'node:fs'
import { homedir } from 'node:os'
import { basename, dirname, join, resolve, sep } from 'node:path'
import type { Surroundings } from './magic.ts'
import { UsageError } from '../../../post/arguments/usage-error.ts'

/** Most names that Tab offers. */
const OFFERED = 500
/** Most bytes of a file that becomes text of a notebook. */
const LARGEST = 8 * 1024 * 1024

/** @param typed - Maybe with quotes around it, of which Tab leaves out the last for a folder. */
export function pathOf(typed: string, { folder, env }: Surroundings): string {
  const name = /^(?:"[^"]*"?|'[^']*'?)$/.test(typed) ? unquoted(typed) : typed
  const home = env['HOME'] || homedir()
  if (name === '~') return home
  return resolve(folder, name.startsWith(`~${sep}`) ? join(home, name.slice(2)) : name)
}

function unquoted(typed: string): string {
  return typed.slice(1, typed.length > 1 && typed.endsWith(typed.charAt(0)) ? -1 : undefined)
}

/** @throws {UsageError} that names the file, if it cannot be read as text. */
export function readText(path: string, largest = LARGEST): string {
  const stats = statSync(path, { throwIfNoEntry: false })
  if (!stats) throw new UsageError(`There is no file ${path}`)
  if (stats.isDirectory()) throw new UsageError(`${path} is a folder`)
  refuseSpecial(path)
  if (stats.size > largest) {
    throw new UsageError(
      `${path} has ${stats.size} bytes: more than ${largest} are too many for a cell`,
    )
  }
  const text = readFileSync(path, 'utf8')
  if (text.includes('\0')) throw new UsageError(`${path} contains no text`)
  return text
}

/** A pipe or a device could hold up the kernel for good. @throws {UsageError} */
export function refuseSpecial(path: string): void {
  const stats = statSync(path, { throwIfNoEntry: false })
  if (stats && !stats.isFile() && !stats.isDirectory()) {
    throw new UsageError(`${path} is a pipe, a socket or a device`)
  }
}

/** As `filesLike`; a name with blanks is in quotes, which stay open behind a folder. */
export function completeFile(
  word: string,
  surroundings: Surroundings,
  only?: (name: string) => boolean,
): string[] {
  const quote = word.startsWith('"') || word.startsWith("'") ? word.charAt(0) : ''
  const found = filesLike(word.slice(quote.length), surroundings, only)
  return found.map((name) => quoted(name, quote))
}

/** The files and folders whose name begins with what was typed; folders end in a slash. */
export function filesLike(
  typed: string,
  surroundings: Surroundings,
  only: (name: string) => boolean = () => true,
): string[] {
  if (typed === '~') return [`~${sep}`]
  const isFolder = typed === '' || typed.endsWith(sep)
  const path = pathOf(typed, surroundings)
  const [folder, prefix] = isFolder ? [path, ''] : [dirname(path), basename(path)]
  const before = typed.slice(0, typed.length - prefix.length)
  return entriesOf(folder)
    .filter(({ name }) => name.startsWith(prefix) && (prefix !== '' || !name.startsWith('.')))
    .filter((entry) => isDirectory(entry, folder) || only(entry.name))
    .map((entry) => before + entry.name + (isDirectory(entry, folder) ? sep : ''))
    .toSorted()
    .slice(0, OFFERED)
}

function quoted(name: string, typed: string): string {
  const needed = /\s/.test(name) ? (name.includes('"') ? "'" : '"') : ''
  const quote = typed === '' ? needed : typed
  return name.endsWith(sep) ? quote + name : quote + name + quote
}

/** None of what is no folder, or may not be read. */
function entriesOf(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
  } catch (error) {
    if (Error.isError(error)) return []
    throw error
  }
}

function isDirectory(
  entry: { name: string; isDirectory(): boolean; isSymbolicLink(): boolean },
  folder: string,
): boolean {
  if (!entry.isSymbolicLink()) return entry.isDirectory()
  return statSync(join(folder, entry.name), { throwIfNoEntry: false })?.isDirectory() === true
}
