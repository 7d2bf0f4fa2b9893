// Stores what each post looked like after its conversion. So a retry sends the same bytes without
// converting again, the page shows the same as the chat, and an edit knows which files are already
// there.
import { z } from 'zod'

import { Block } from '../../post/contract/schema.ts'
import type { RelayFile } from '../storage/bytes.ts'
import type { Blobs, FileEntry } from '../storage/blobs.ts'
import type { Batch } from '../storage/batches.ts'
import type { Database } from '../storage/database.ts'
import type { Steps } from '../storage/migrations.ts'
import { digestOf } from '../storage/digest.ts'
import type { Shown } from './post.ts'

const Blocks = z.array(Block)
const Hashes = z.array(z.string())

/** Posts looked at in one commit. */
const LOOKED_AT = 100

export class ShownStore {
  static readonly tables: Steps = {
    1: `
      CREATE TABLE IF NOT EXISTS shown (
        post TEXT PRIMARY KEY,
        input TEXT NOT NULL, -- SHA-256 of what it was converted from
        blocks TEXT NOT NULL,
        first_files TEXT NOT NULL -- SHA-256 of each file of the first delivery
      ) STRICT, WITHOUT ROWID;
    `,
  }

  readonly #db: Database
  readonly #blobs: Blobs

  constructor(db: Database, blobs: Blobs) {
    this.#db = db
    this.#blobs = blobs
  }

  has(post: string): boolean {
    return this.#db.get('SELECT 1 FROM shown WHERE post = $post', { $post: post }) !== undefined
  }

  /** The result, if this input was converted before. */
  find(post: string, input: string): Shown | undefined {
    const row = this.#db.get('SELECT blocks FROM shown WHERE post = $post AND input = $input', {
      $post: post,
      $input: input,
    })
    return row && { blocks: blocksOf(row.blocks), files: this.#blobs.readAll(owner(post)) }
  }

  /** For the page, which shows the same as the chat. */
  read(post: string): { blocks: Block[]; files: FileEntry[] } | undefined {
    const row = this.#db.get('SELECT blocks FROM shown WHERE post = $post', { $post: post })
    return row && { blocks: blocksOf(row.blocks), files: this.#blobs.list(owner(post)) }
  }

  file(post: string, n: number): RelayFile | undefined {
    return this.#blobs.read(owner(post), n)
  }

  /** SHA-256 of the files that came with the first delivery. */
  firstFiles(post: string): string[] {
    const row = this.#db.get('SELECT first_files FROM shown WHERE post = $post', { $post: post })
    return row ? Hashes.parse(JSON.parse(String(row.first_files))) : []
  }

  async keep(post: string, input: string, { blocks, files }: Shown): Promise<void> {
    await this.#db.write(() => {
      this.#blobs.drop(owner(post))
      this.#blobs.keep(owner(post), files)
      this.#db.run(
        `INSERT INTO shown VALUES ($post, $input, $blocks, $files)
         ON CONFLICT (post) DO UPDATE SET input = excluded.input, blocks = excluded.blocks`,
        {
          $post: post,
          $input: input,
          $blocks: JSON.stringify(blocks),
          $files: JSON.stringify(files.map(({ bytes }) => digestOf(bytes))),
        },
      )
    })
  }

  /**
   * Deletes what the post showed. That it was converted, and which files were delivered, is still
   * known. Only inside `write`.
   */
  empty(post: string): void {
    this.#blobs.drop(owner(post))
    this.#db.run(`UPDATE shown SET input = '', blocks = '[]' WHERE post = $post`, { $post: post })
  }

  /** Only inside `write`. */
  forget(post: string): void {
    this.#blobs.drop(owner(post))
    this.#db.run('DELETE FROM shown WHERE post = $post', { $post: post })
  }

  /**
   * Forgets posts that the outbox has forgotten.
   * @param forgotten - Returns those of the given posts that the outbox has forgotten.
   */
  orphans(forgotten: (posts: readonly string[]) => string[]): Batch {
    let place = ''
    return () =>
      this.#db.write(() => {
        const rows = this.#db.all(
          'SELECT post FROM shown WHERE post > $place ORDER BY post LIMIT $limit',
          { $place: place, $limit: LOOKED_AT },
        )
        const posts = rows.map(({ post }) => String(post))
        place = posts.at(-1) ?? place
        for (const post of forgotten(posts)) this.forget(post)
        return posts.length > 0
      })
  }
}

function owner(post: string): string {
  return `shown:${post}`
}

function blocksOf(json: unknown): Block[] {
  return Blocks.parse(JSON.parse(String(json)))
}
