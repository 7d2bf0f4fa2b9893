// The compiler options of a folder's tsconfig.json, with those of the files that it extends. A file
// that cannot be read counts as none: the language service says what is wrong with it.
import { statSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import type * as Reader from 'get-tsconfig'
import { readConfig } from './json-config.ts'

/** Loaded where there is a tsconfig.json. */
const loadReader: (name: 'get-tsconfig') => typeof Reader = createRequire(import.meta.url)

export type FolderOptions = Readonly<NonNullable<Reader.TsConfigJsonResolved['compilerOptions']>>

interface Known {
  file: string
  options: FolderOptions
  /** When each file that says something about it was written. */
  written: ReadonlyMap<string, number>
}

/** What was read last; a kernel has one folder at a time. */
let known: Known | undefined

/** Options of the nearest tsconfig.json. */
export function folderOptions(folder: string): FolderOptions {
  const file = configurationFile(folder)
  if (file === undefined) return {}
  if (known?.file !== file || !isFresh(known)) known = read(file)
  return known?.options ?? {}
}

/** The nearest tsconfig.json. */
export function configurationFile(folder: string): string | undefined {
  const file = join(folder, 'tsconfig.json')
  if (writtenAt(file) !== undefined) return file
  const above = dirname(folder)
  return above === folder ? undefined : configurationFile(above)
}

function isFresh({ written }: Known): boolean {
  return Array.from(written).every(([file, time]) => writtenAt(file) === time)
}

function writtenAt(file: string): number | undefined {
  const found = statSync(file, { throwIfNoEntry: false })
  return found?.isFile() === true ? found.mtimeMs : undefined
}

/** Undefined if it cannot be read. */
function read(file: string): Known | undefined {
  // The reader takes what it understands of broken JSON.
  if (readConfig(file)?.type !== 'ObjectExpression') return undefined
  const cache = new Map<string, string>()
  try {
    const { compilerOptions: options = {} } = loadReader('get-tsconfig').parseTsconfig(file, cache)
    if (typeof options !== 'object') return undefined
    const written = new Map(filesOf(cache).map((one) => [one, writtenAt(one) ?? 0]))
    return { file, options, written }
  } catch {
    // It extends a file that is missing.
    return undefined
  }
}

/** The reader's cache has each call of the file system by its name and arguments. */
function filesOf(cache: ReadonlyMap<string, unknown>): string[] {
  const [start, end] = ['readFileSync:', ':utf8']
  return Array.from(cache.keys())
    .filter((key) => key.startsWith(start) && key.endsWith(end))
    .map((key) => key.slice(start.length, -end.length))
}
