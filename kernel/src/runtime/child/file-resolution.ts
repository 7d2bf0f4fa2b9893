// The file that a path in an import means, as TypeScript reads it: `.js` may stand for a `.ts`, the
// ending may be left out, and a folder stands for its `index`.
import { opendirSync, readFileSync, statSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { Error, JSON, Map, Reflect } from '../../api/primordials.ts'
import { nearestNames } from '../../../../post/contract/nearest.ts'
import { endingOf } from './local-files.ts'

/** What is tried where the ending is left out, in this order. */
const ENDINGS = ['.ts', '.tsx', '.mts', '.cts', '.js', '.jsx', '.mjs', '.cjs', '.json'] as const

/** The sources that a compiler's output may stand for. */
const SOURCES: ReadonlyMap<string, readonly string[]> = new Map([
  ['.js', ['.ts', '.tsx']],
  ['.jsx', ['.tsx']],
  ['.mjs', ['.mts']],
  ['.cjs', ['.cts']],
])

/** Names of a folder that are compared with one that was not found. */
const COMPARED = 2000

/** The file, or undefined where there is none. A file that has this very name comes first. */
export function fileFor(path: string): string | undefined {
  if (!path.endsWith('/')) {
    if (kindOf(path) === 'file') return path
    const ending = endingOf(path)
    const stem = path.slice(0, path.length - ending.length)
    for (const source of SOURCES.get(ending) ?? []) {
      if (kindOf(stem + source) === 'file') return stem + source
    }
    for (const added of ENDINGS) if (kindOf(path + added) === 'file') return path + added
  }
  return kindOf(path) === 'folder' ? mainFile(path) : undefined
}

function mainFile(folder: string): string | undefined {
  const main = mainOf(join(folder, 'package.json'))
  const named = main === undefined ? undefined : fileFor(join(folder, main))
  if (named !== undefined) return named
  for (const ending of ENDINGS) {
    const index = join(folder, `index${ending}`)
    if (kindOf(index) === 'file') return index
  }
  return undefined
}

/** `main` of a folder's own `package.json`, unless it is the folder itself. */
function mainOf(file: string): string | undefined {
  if (kindOf(file) !== 'file') return undefined
  try {
    const json: unknown = JSON.parse(readFileSync(file, 'utf8'))
    const main: unknown = typeof json === 'object' && json ? Reflect.get(json, 'main') : undefined
    return typeof main === 'string' && join(main) !== '.' && main !== './' ? main : undefined
  } catch {
    // SyntaxError: it names no file then.
    return undefined
  }
}

function kindOf(path: string): 'file' | 'folder' | undefined {
  const stats = statSync(path, { throwIfNoEntry: false })
  if (!stats) return undefined
  return stats.isDirectory() ? 'folder' : 'file'
}

/** @param importer - The file with the import; undefined for a cell. */
export function fileNotFound(
  { specifier, path, importer }: { specifier: string; path: string; importer: string | undefined },
  code: string,
): Error {
  const from = importer === undefined ? '' : ` imported from ${importer}`
  const tried = ENDINGS.join(', ')
  const near = nearestFile(path)
  const hint = near === undefined ? '' : `. Near it is ${near}`
  const error = new Error(
    `Cannot find module '${specifier}'${from}: there is no file ${path}, also not with ${tried}, and no folder with an index file${hint}`,
  )
  Reflect.set(error, 'code', code)
  return error
}

function nearestFile(path: string): string | undefined {
  const folder = dirname(path)
  if (kindOf(folder) !== 'folder') return undefined
  const names: string[] = []
  const open = opendirSync(folder)
  try {
    for (let entry = open.readSync(); entry && names.length < COMPARED; entry = open.readSync()) {
      names.push(entry.name)
    }
  } finally {
    open.closeSync()
  }
  const wanted = basename(path)
  const [near] = nearestNames(wanted, names)
  if (near !== undefined) return near
  const stems = names.map((name) => name.slice(0, name.length - endingOf(name).length))
  const [stem] = nearestNames(wanted.slice(0, wanted.length - endingOf(wanted).length), stems)
  return stem === undefined ? undefined : names[stems.indexOf(stem)]
}
