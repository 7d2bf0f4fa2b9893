// The packages of a line, checked before anything is run: no word may be taken for a flag, and a
// mistake is told in its own words.
import { existsSync, statSync } from 'node:fs'
import { join, relative, resolve, sep } from 'node:path'
import { homedir } from 'node:os'
import { UsageError } from '../../../../post/arguments/usage-error.ts'
import { tokenize } from '../tokens.ts'

export interface PackageSpec {
  /** As the package manager gets it. */
  text: string
  /** Undefined for a folder, an archive or a repository, which tell it themselves. */
  name: string | undefined
}

/** Most packages of one line. */
const MOST = 200
const LONGEST_NAME = 214
/** The first characters of what is fetched from elsewhere, which npm reads itself. */
const PLACES = [
  'https://',
  'http://',
  'git://',
  'ssh://',
  'git+https://',
  'git+http://',
  'git+ssh://',
  'git+file://',
  'github:',
  'gitlab:',
  'bitbucket:',
  'gist:',
  'git@',
]
const PATHS = ['./', '../', '/', '~/', 'file:']
const ARCHIVES = ['.tgz', '.tar.gz', '.tar']

/** @param at - Folders that are named are below `at.folder`; `at.project` cannot add itself. */
export function packageSpecs(
  words: string,
  at: { folder: string; project: string },
): PackageSpec[] {
  const specs = tokenize(words).map(({ text }) => packageSpec(text, at))
  if (specs.length > MOST) throw new UsageError(`Expected at most ${MOST} packages in one line`)
  return specs
}

/** Names without versions. */
export function packageNames(words: string): string[] {
  return tokenize(words).map(({ text }) => {
    const { name, range } = splitName(text)
    if (range !== undefined) throw new UsageError(`Expected a name without a version, got ${text}`)
    checkName(name, text)
    return name
  })
}

function packageSpec(word: string, at: { folder: string; project: string }): PackageSpec {
  if (isPath(word)) return { text: localPackage(word, at), name: undefined }
  if (isPlace(word)) return { text: word, name: undefined }
  const { name, range } = splitName(word)
  checkName(name, word)
  if (range === undefined) return { text: name, name }
  if (range === '') throw new UsageError(`Expected a version after ${word}`)
  if (isPath(range)) return { text: `${name}@${localPackage(range, at)}`, name }
  if (!isPlace(range) && !range.startsWith('npm:')) checkRange(range, word)
  return { text: word, name }
}

/** At the first `@` that does not begin a scope. */
function splitName(word: string): { name: string; range: string | undefined } {
  const at = word.indexOf('@', 1)
  if (at < 0) return { name: word, range: undefined }
  return { name: word.slice(0, at), range: word.slice(at + 1) }
}

function checkName(name: string, word: string): void {
  if (word.startsWith('-')) {
    throw new UsageError(
      `${word} is no package. Flags that %npm does not have can be used in a shell line, ` +
        'where npm installs into the current folder: `! npm install ...`',
    )
  }
  const parts = name.split('/')
  const isScoped = name.startsWith('@')
  const isWhole = parts.every((part) => /^@?[\w~-][\w.~-]*$/.test(part))
  if (isWhole && name.length <= LONGEST_NAME && parts.length === (isScoped ? 2 : 1)) return
  const [first = '', second = ''] = parts
  const inPackage = isScoped ? `${first}/${second}` : first
  if (isWhole && parts.length > (isScoped ? 2 : 1)) {
    throw new UsageError(
      `${name} is inside the package ${inPackage}: add that one. ` +
        `A repository on GitHub is github:${name}`,
    )
  }
  throw new UsageError(`${JSON.stringify(word)} is no name of a package`)
}

/** Versions, ranges and tags: nothing that a file system or a terminal would take for more. */
function checkRange(range: string, word: string): void {
  if (/^[\w.~^<>=|*+ :-]+$/.test(range)) return
  throw new UsageError(`${JSON.stringify(word)} has no version that npm could know`)
}

function isPath(word: string): boolean {
  return word === '.' || word === '..' || PATHS.some((start) => word.startsWith(start))
}

function isPlace(word: string): boolean {
  return PLACES.some((start) => word.startsWith(start)) && !/[\s\p{Cc}]/u.test(word)
}

/** @returns The absolute path. */
function localPackage(typed: string, at: { folder: string; project: string }): string {
  const name = typed.startsWith('file:') ? typed.slice('file:'.length) : typed
  const path = name.startsWith('~/') ? join(homedir(), name.slice(2)) : resolve(at.folder, name)
  const stats = statSync(path, { throwIfNoEntry: false })
  if (!stats) throw new UsageError(`There is no ${path}`)
  if (stats.isFile() && ARCHIVES.some((end) => path.endsWith(end))) return path
  if (!stats.isDirectory()) {
    throw new UsageError(`Expected a folder or an archive (${ARCHIVES.join(', ')}), got ${path}`)
  }
  const inside = relative(path, at.project)
  if (inside === '' || (inside !== '..' && !inside.startsWith(`..${sep}`))) {
    throw new UsageError(`${path} contains the project itself, which cannot be added to it`)
  }
  if (!existsSync(join(path, 'package.json'))) {
    throw new UsageError(`${path} is no package: it has no package.json`)
  }
  return path
}
