// The folder of large files beside the database. A file has a name of its own, is written once, and
// is on the disk before the database names it. A file that the database does not name belongs to a
// request under way, or is deleted: a relay that was killed leaves such files behind.
import { createHash, randomUUID } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { open, readdir, rm } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import { basename, join } from 'node:path'

import type { DiskBytes } from './bytes.ts'

/** Files looked at before anything else gets a turn. */
const LOOKED_AT = 100

/** The folder beside a database. */
export function filesOf(database: string): string {
  return `${database}.files`
}

export class Files {
  readonly #folder: string
  /** Names of files that requests under way have written. */
  readonly #fresh = new Set<string>()
  /** Whether the database names it. */
  #isKept: (name: string) => boolean = () => true

  /** @param folder - Is made, for nobody else to read, when the first file is written. */
  constructor(folder: string) {
    this.#folder = folder
  }

  /** Says who knows which files are kept. Until then all are. */
  keptBy(isKept: (name: string) => boolean): void {
    this.#isKept = isKept
  }

  pathOf(name: string): string {
    return join(this.#folder, name)
  }

  /** A path for a new file. It is deleted by `release`, unless the database names it by then. */
  reserve(): string {
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 })
    const name = randomUUID()
    for (const one of [name, maskedPath(name)]) this.#fresh.add(one)
    return this.pathOf(name)
  }

  async release(path: string): Promise<void> {
    for (const one of [path, maskedPath(path)]) {
      const name = basename(one)
      this.#fresh.delete(name)
      await this.remove(name)
    }
  }

  /** Deletes the file, unless the database names it. */
  async remove(name: string): Promise<void> {
    if (!this.#isKept(name)) await rm(this.pathOf(name), { force: true })
  }

  /** Deletes what a relay left behind that was killed. */
  async sweep(signal: AbortSignal): Promise<void> {
    let names: string[]
    try {
      names = await readdir(this.#folder)
    } catch {
      return // ENOENT: no large file has come yet
    }
    for (const [n, name] of names.entries()) {
      if (signal.aborted) return
      if (!this.#fresh.has(name)) await this.remove(name)
      if (n % LOOKED_AT === 0) await new Promise(setImmediate)
    }
  }
}

/** Where the same file is written without its secrets. */
export function maskedPath(path: string): string {
  return `${path}-masked`
}

/** Writes a new file piece by piece and hashes it meanwhile. */
export class FileWriter {
  readonly #path: string
  readonly #hash = createHash('sha256')
  #file: FileHandle | undefined
  #size = 0

  constructor(path: string) {
    this.#path = path
  }

  async write(piece: Uint8Array): Promise<void> {
    this.#file ??= await open(this.#path, 'wx', 0o600)
    this.#hash.update(piece)
    this.#size += piece.byteLength
    await this.#file.writeFile(piece)
  }

  /** Resolves when all of it is on the disk. */
  async end(): Promise<DiskBytes> {
    await this.#file?.datasync()
    await this.close()
    const folder = await open(join(this.#path, '..'))
    try {
      // The name of the file, too, must survive a crash of the system.
      await folder.sync()
    } finally {
      await folder.close()
    }
    return { path: this.#path, byteLength: this.#size, sha256: this.#hash.digest('hex') }
  }

  async close(): Promise<void> {
    const file = this.#file
    this.#file = undefined
    await file?.close()
  }
}
