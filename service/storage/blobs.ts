// Bytes of files, stored once however many posts show them. A blob is kept as long as an owner (a
// submission, a message in the inbox) uses it.
import type { PostFile } from '../../post/contract/schema.ts'
import type { Database } from './database.ts'
import { digestOf, knowDigest } from './digest.ts'
import type { Steps } from './migrations.ts'

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
  }

  readonly #db: Database

  constructor(db: Database) {
    this.#db = db
    // What other rooms may read of files in their own SQL.
    db.define('CREATE TEMP VIEW IF NOT EXISTS stored_file AS SELECT owner, size FROM blob_use')
  }

  /** Only inside `Database.write`. */
  keep(owner: string, files: readonly PostFile[]): void {
    for (const [n, file] of files.entries()) {
      const sha256 = digestOf(file.bytes)
      const isThere = this.#db.get('SELECT 1 FROM blob WHERE sha256 = $sha256', { $sha256: sha256 })
      if (!isThere) {
        this.#db.run('INSERT INTO blob VALUES ($sha256, $bytes)', {
          $sha256: sha256,
          $bytes: file.bytes,
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
    const used = this.#db.all('SELECT DISTINCT sha256 FROM blob_use WHERE owner = $owner', {
      $owner: owner,
    })
    this.#db.run('DELETE FROM blob_use WHERE owner = $owner', { $owner: owner })
    for (const { sha256 } of used) {
      this.#db.run(
        `DELETE FROM blob WHERE sha256 = $sha256 AND NOT EXISTS (SELECT 1 FROM blob_use WHERE sha256 = $sha256)`,
        { $sha256: sha256 ?? null },
      )
    }
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

  read(owner: string, n: number): PostFile | undefined {
    const row = this.#db.get(
      `SELECT name, mimetype, bytes, sha256 FROM blob_use JOIN blob USING (sha256) WHERE owner = $owner AND n = $n`,
      { $owner: owner, $n: n },
    )
    if (!row || !(row.bytes instanceof Uint8Array)) return undefined
    knowDigest(row.bytes, String(row.sha256))
    return { name: String(row.name), mimetype: String(row.mimetype), bytes: row.bytes }
  }

  readAll(owner: string): PostFile[] {
    return this.list(owner).flatMap((_, n) => this.read(owner, n) ?? [])
  }
}
