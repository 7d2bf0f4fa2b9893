// What changed on disk since the server read it. Nothing is watched: the files and folders of the
// program are looked at before a question, those of packages only when somebody says so.
import { readdirSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { FileEvent } from './messages.ts'

/** ms after a look in which no other is taken. */
const FRESH = 100
/** Local files and folders that are looked at, and files of packages. */
const MOST_FILES = 500
const MOST_FOLDERS = 50
const MOST_PACKAGED = 5000
/** Entries of a folder; in a larger one new files are not found. */
const MOST_ENTRIES = 5000

/** `FileChangeType` of the protocol. */
const CREATED = 1
const CHANGED = 2
const DELETED = 3

/** The sources of this package, which do not change while it runs. */
const OWN = [join(import.meta.dirname, '../../../'), join(import.meta.dirname, '../../../../post/')]

export class Files {
  readonly #folder: string
  /** What npm changes, in the folder and above it. */
  readonly #project: readonly string[]
  /** Path -> its state when it was last looked at. */
  #local = new Map<string, string>()
  #packaged = new Map<string, string>()
  #folders = new Map<string, { state: string; entries: ReadonlySet<string> }>()
  #looked = 0
  #isTold = false

  constructor(folder: string) {
    this.#folder = folder
    this.#project = projectFiles(folder)
    this.#local = states(this.#project)
    this.#folders.set(folder, listed(folder))
  }

  /** Packages may be others now: all files are looked at. */
  changed(): void {
    this.#isTold = true
  }

  /** @param paths - All files of the program. Known ones keep the state that they had. */
  read(paths: readonly string[]): void {
    const others = paths.filter((path) => !OWN.some((own) => path.startsWith(own)))
    const local = others.filter((path) => !isPackaged(path)).slice(0, MOST_FILES)
    this.#local = states([...this.#project, ...local], this.#local)
    this.#packaged = states(others.filter(isPackaged).slice(0, MOST_PACKAGED), this.#packaged)
    const folders = new Set([this.#folder, ...local.map((path) => dirname(path))])
    this.#folders = new Map(
      [...folders]
        .slice(0, MOST_FOLDERS)
        .map((path) => [path, this.#folders.get(path) ?? listed(path)]),
    )
  }

  /** What the server must be told. */
  look(): FileEvent[] {
    if (!this.#isTold && Date.now() - this.#looked < FRESH) return []
    this.#looked = Date.now()
    const events = [...changesOf(this.#local), ...this.#newFiles()]
    if (!this.#isTold && !events.some(({ path }) => this.#project.includes(path))) return events
    this.#isTold = false
    // Told as new, a folder is searched again for what was not found in it.
    const again = this.#project.filter((path) => path.endsWith('/node_modules'))
    const searched = again.map((path) => ({ path, type: CREATED }))
    return [...events, ...changesOf(this.#packaged), ...searched]
  }

  #newFiles(): FileEvent[] {
    const events: FileEvent[] = []
    for (const [folder, before] of this.#folders) {
      if (stateOf(folder) === before.state) continue
      const now = listed(folder)
      this.#folders.set(folder, now)
      const made = now.entries.difference(before.entries)
      for (const name of made) events.push({ path: join(folder, name), type: CREATED })
    }
    return events
  }
}

function projectFiles(folder: string): string[] {
  const above = dirname(folder)
  const here = ['package.json', 'node_modules', 'node_modules/.package-lock.json']
  const paths = here.map((name) => join(folder, name))
  return above === folder ? paths : [...paths, ...projectFiles(above)]
}

function isPackaged(path: string): boolean {
  return path.includes('/node_modules/')
}

function states(
  paths: readonly string[],
  known: ReadonlyMap<string, string> = new Map(),
): Map<string, string> {
  return new Map(paths.map((path) => [path, known.get(path) ?? stateOf(path)]))
}

function changesOf(files: Map<string, string>): FileEvent[] {
  const events: FileEvent[] = []
  for (const [path, before] of files) {
    const now = stateOf(path)
    if (now === before) continue
    files.set(path, now)
    const type = now === '' ? DELETED : before === '' ? CREATED : CHANGED
    events.push({ path, type })
  }
  return events
}

/** Empty if there is nothing, or nothing that may be read. */
function stateOf(path: string): string {
  try {
    const stats = statSync(path, { throwIfNoEntry: false })
    return stats ? `${stats.mtimeMs} ${stats.size}` : ''
  } catch (error) {
    // EACCES, ENOTDIR and the like.
    if (!Error.isError(error)) throw error
    return ''
  }
}

function listed(path: string): { state: string; entries: ReadonlySet<string> } {
  const state = stateOf(path)
  try {
    const names = readdirSync(path)
    return { state, entries: new Set(names.length > MOST_ENTRIES ? [] : names) }
  } catch (error) {
    // It may not be read, or is gone.
    if (!Error.isError(error)) throw error
    return { state, entries: new Set() }
  }
}
