// Bytes of files, stored once however many posts show them. A blob is kept as long as an owner (a
// submission, a message in the inbox) uses it.
import { existsSync } from 'node:fs'
import { basename } from 'node:path'

import { isOnDisk } from './bytes.ts'
import type { RelayFile } from './bytes.ts'
import type { Database, Row } from './database.ts'
import { digestOf, knowDigest } from './digest.ts'
import type { Files } from './files.ts'
import type { Steps } from './migrations.ts'

const NOTHING = new Uint8Array()

export interface FileEntry {
  name: string
  mimetype: string
  size: number
}

export class Blobs {
  static readonly tables: Steps = {
    1: `
      CREATE TABLE IF NOT EXISTS blob (sha256 TEXT PRIMARY KEY, bytes BLOB NOT NULL) STRICT;
      CREATE TABLE IF NOT EXISTS blob_use (
        owner TEXT NOT NULL, n INTEGER NOT NULL, sha256 TEXT NOT NULL REFERENCES blob, name TEXT NOT NULL,
        mimetype TEXT NOT NULL, size INTEGER NOT NULL, PRIMARY KEY (owner, n)
      ) STRICT, WITHOUT ROWID;
      CREATE INDEX IF NOT EXISTS blob_use_sha256 ON blob_use (sha256);
    `,
    // The name of the file that has the bytes, if they are not here.
    5: `
      ALTER TABLE blob ADD COLUMN file TEXT;
      CREATE UNIQUE INDEX blob_file ON blob (file) WHERE file IS NOT NULL;
    `,
  }

  readonly #db: Database
  readonly #files: Files | undefined

  /** @param files - Where large files are. Without it there are none. */
  constructor(db: Database, files?: Files) {
    this.#db = db
    this.#files = files
    files?.keptBy((name) => this.#hasFile(name))
    // What other rooms may read of files in their own SQL.
    db.define('CREATE TEMP VIEW IF NOT EXISTS stored_file AS SELECT owner, size FROM blob_use')
  }

  /** Only inside `Database.write`. */
  keep(owner: string, files: readonly RelayFile[]): void {
    for (const [n, file] of files.entries()) {
      const sha256 = digestOf(file.bytes)
      const isThere = this.#db.get('SELECT 1 FROM blob WHERE sha256 = $sha256', { $sha256: sha256 })
      if (!isThere) {
        const { bytes } = file
        this.#db.run('INSERT INTO blob VALUES ($sha256, $bytes, $file)', {
          $sha256: sha256,
          $bytes: isOnDisk(bytes) ? NOTHING : bytes,
          $file: isOnDisk(bytes) ? basename(bytes.path) : null,
        })
      }
      this.#db.run(
        'INSERT OR IGNORE INTO blob_use VALUES ($owner, $n, $sha256, $name, $mimetype, $size)',
        {
          $owner: owner,
          $n: n,
          $sha256: sha256,
          $name: file.name,
          $mimetype: file.mimetype,
          $size: file.bytes.byteLength,
        },
      )
    }
  }

  /** Only inside `Database.write`. */
  drop(owner: string): void {
    const used = this.#db.all(
      'SELECT DISTINCT sha256, file FROM blob_use JOIN blob USING (sha256) WHERE owner = $owner',
      { $owner: owner },
    )
    this.#db.run('DELETE FROM blob_use WHERE owner = $owner', { $owner: owner })
    for (const { sha256, file } of used) {
      const gone = this.#db.run(
        `DELETE FROM blob WHERE sha256 = $sha256 AND NOT EXISTS (SELECT 1 FROM blob_use WHERE sha256 = $sha256)`,
        { $sha256: sha256 ?? null },
      )
      // After the commit; if that fails, the database still names the file.
      if (gone > 0 && typeof file === 'string') setImmediate(() => void this.#files?.remove(file))
    }
  }

  #hasFile(name: string): boolean {
    return this.#db.get('SELECT 1 FROM blob WHERE file = $name', { $name: name }) !== undefined
  }

  list(owner: string): FileEntry[] {
    return this.#db
      .all('SELECT name, mimetype, size FROM blob_use WHERE owner = $owner ORDER BY n', {
        $owner: owner,
      })
      .map((row) => ({
        name: String(row.name),
        mimetype: String(row.mimetype),
        size: Number(row.size),
      }))
  }

  /** SHA-256 of the files, in hexadecimal digits. */
  hashes(owner: string): string[] {
    return this.#db
      .all('SELECT sha256 FROM blob_use WHERE owner = $owner ORDER BY n', { $owner: owner })
      .map((row) => String(row.sha256))
  }

  read(owner: string, n: number): RelayFile | undefined {
    const row = this.#db.get(
      `SELECT name, mimetype, size, bytes, sha256, file FROM blob_use JOIN blob USING (sha256) WHERE owner = $owner AND n = $n`,
      { $owner: owner, $n: n },
    )
    if (!row || !(row.bytes instanceof Uint8Array)) return undefined
    const [name, mimetype, sha256] = [row.name, row.mimetype, row.sha256].map(String)
    if (name === undefined || mimetype === undefined || sha256 === undefined) return undefined
    if (typeof row.file === 'string') return this.#onDisk(row.file, { name, mimetype }, row)
    knowDigest(row.bytes, sha256)
    return { name, mimetype, bytes: row.bytes }
  }

  /** A backup may have been restored without its files: then a post goes out that says so. */
  #onDisk(file: string, known: Omit<RelayFile, 'bytes'>, row: Row): RelayFile {
    const path = this.#files?.pathOf(file)
    if (path === undefined || !existsSync(path)) {
      const bytes = Buffer.from(`The relay no longer has the file ${known.name}.\n`)
      return { name: `${known.name}.txt`, mimetype: 'text/plain', bytes }
    }
    const bytes = { path, byteLength: Number(row.size), sha256: String(row.sha256) }
    return { ...known, bytes }
  }

  readAll(owner: string): RelayFile[] {
    return this.list(owner).flatMap((_, n) => this.read(owner, n) ?? [])
  }
}
