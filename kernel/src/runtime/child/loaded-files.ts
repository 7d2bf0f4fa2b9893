// Which local files are loaded, which import which, and which were edited since: those are loaded
// anew, with all that import them, under a new address. The others keep their state.
import { hash } from 'node:crypto'
import { readFileSync, statSync } from 'node:fs'
import { Map, Number, Object, Set } from '../../api/primordials.ts'

/** Taken before the first cell: tests set the clock. */
const { now } = Date

interface Loaded {
  /** What told its content apart when it was read. */
  stamp: string
  /** Of its content. */
  hash: string
  /** ms. Its last change, as the file system tells it. */
  changed: number
  /** ms. When it was looked at. */
  seen: number
  /** Of its address: how many times it was loaded anew. */
  version: number
  imports: Set<string>
  isEvaluated: boolean
  failed: boolean
}

export interface Renewed {
  path: string
  /** It is loaded anew for its own sake; the others import such a file. */
  because: 'edited' | 'failed' | undefined
}

/**
 * ms within which a file system may give two changes the same time: then only the content tells
 * whether it is the same.
 */
const TICK = 2000

export class LoadedFiles {
  readonly #files = new Map<string, Loaded>()
  readonly #forget: (path: string) => void

  /** @param forget - Called for each file that is loaded anew. */
  constructor(forget: (path: string) => void) {
    this.#forget = forget
  }

  versionOf(path: string): number {
    return this.#files.get(path)?.version ?? 0
  }

  /** One file imports another. */
  note(importer: string, path: string): void {
    this.#files.get(importer)?.imports.add(path)
  }

  /** Called before a file is read, so that a later edit is never missed. */
  load(path: string): void {
    const known = this.#files.get(path)
    const version = known?.version ?? 0
    const content = { ...stampOf(path), hash: hashOf(path) }
    // `import` and `require` load the same file each on its own, but Node runs CommonJS once.
    const imports = known?.hash === content.hash ? known.imports : new Set<string>()
    this.#files.set(path, { ...content, version, imports, isEvaluated: false, failed: false })
  }

  evaluated(path: string): void {
    const file = this.#files.get(path)
    if (file) file.isEvaluated = true
  }

  /** Those that had begun to load when the import failed. */
  failed(paths: Iterable<string>): void {
    for (const path of paths) {
      const file = this.#files.get(path)
      if (file && !file.isEvaluated) file.failed = true
    }
  }

  /**
   * Gives a new version to what must be loaded anew when a cell imports this file.
   *
   * @param failedToo - Also what failed to load and was not edited since.
   */
  renew(path: string, failedToo = true): Renewed[] {
    const below = this.#below(path)
    const causes = new Map<string, Renewed['because']>()
    for (const one of below) {
      const file = this.#files.get(one)
      if (failedToo && file?.failed === true) causes.set(one, 'failed')
      if (file && isEdited(one, file)) causes.set(one, 'edited')
    }
    if (causes.size === 0) return []
    const renewed = this.#above(causes.keys())
    for (const one of renewed) {
      const file = this.#files.get(one)
      if (!file) continue
      // Asked again before it is loaded, it was not edited since.
      Object.assign(file, stampOf(one), { hash: hashOf(one) })
      file.version += 1
      file.imports.clear()
      file.failed = false
      file.isEvaluated = false
      this.#forget(one)
    }
    return [...renewed]
      .filter((one) => below.has(one))
      .map((one) => ({ path: one, because: causes.get(one) }))
  }

  /** A file and all that it imports. */
  #below(path: string): Set<string> {
    const found = new Set([path])
    for (const one of found) {
      for (const imported of this.#files.get(one)?.imports ?? []) found.add(imported)
    }
    return found
  }

  /** These files and all that import them. */
  #above(paths: Iterable<string>): Set<string> {
    const importers = new Map<string, string[]>()
    for (const [path, { imports }] of this.#files) {
      for (const imported of imports) {
        const list = importers.get(imported)
        if (list) list.push(path)
        else importers.set(imported, [path])
      }
    }
    const found = new Set(paths)
    for (const one of found) for (const importer of importers.get(one) ?? []) found.add(importer)
    return found
  }
}

function isEdited(path: string, file: Loaded): boolean {
  const current = stampOf(path)
  const isOld = file.seen - file.changed > TICK
  if (current.stamp === file.stamp && isOld) return false
  if (hashOf(path) !== file.hash) return true
  Object.assign(file, current)
  return false
}

function stampOf(path: string): Pick<Loaded, 'stamp' | 'changed' | 'seen'> {
  const seen = now()
  try {
    const { mtimeNs, ctimeNs, size, ino } = statSync(path, { bigint: true })
    const changed = Number(mtimeNs > ctimeNs ? mtimeNs : ctimeNs) / 1e6
    return { stamp: [mtimeNs, ctimeNs, size, ino].join(' '), changed, seen }
  } catch {
    // It is gone, forbidden, or a link to itself: loading it says which.
    return { stamp: '', changed: seen, seen }
  }
}

/** Empty if there is no such file, or it cannot be read. */
function hashOf(path: string): string {
  try {
    return hash('sha1', readFileSync(path))
  } catch {
    // As above; or it is a folder now.
    return ''
  }
}
