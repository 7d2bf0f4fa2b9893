// The inbox's content: messages in their order, existing channels, people the relay has seen. A
// message has the id of its delivery, so delivering twice adds nothing.
import { z } from 'zod'

import type { FileEntry, Blobs } from '../storage/blobs.ts'
import type { Batch } from '../storage/batches.ts'
import type { Database, Row } from '../storage/database.ts'
import type { Steps } from '../storage/migrations.ts'
import { Block, Source } from '../../post/contract/schema.ts'
import type { RelayFile } from '../storage/bytes.ts'
import type { Found } from '../storage/place.ts'
import type { Delivery, Edit, Person } from './chat.ts'
import { INBOX_LISTING, listInbox } from './inbox-listing.ts'
import type { InboxListing } from './inbox-listing.ts'

export interface InboxMessage {
  id: string
  lane: string
  from: string
  label: string
  blocks: Block[]
  files: FileEntry[]
  source: Source
  thread: string
  /** ISO 8601. */
  acceptedAt: string
}

/** Bytes of a message without its text and files. */
const ROW_BYTES = 512
/** A file counts in each message that has it. */
const SIZE = `${ROW_BYTES} + octet_length(blocks) + octet_length(source) + coalesce(
  (SELECT sum(f.size) FROM stored_file f WHERE f.owner = 'inbox:' || id), 0)`
/** Messages measured in one commit. */
const MEASURED = 100
/** Keeps in `inbox_usage` how much people sent, and all of them together. */
const USAGE = `
  ALTER TABLE inbox_message ADD COLUMN size INTEGER; -- bytes; NULL until an older version's are measured
  CREATE INDEX inbox_message_unmeasured ON inbox_message (n) WHERE size IS NULL;
  CREATE INDEX inbox_message_sender ON inbox_message (sender, n);
  CREATE TABLE inbox_usage (person TEXT PRIMARY KEY, bytes INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  CREATE INDEX inbox_usage_bytes ON inbox_usage (bytes);
  CREATE TRIGGER inbox_message_changed AFTER UPDATE OF size ON inbox_message BEGIN
    INSERT INTO inbox_usage VALUES (new.sender, coalesce(new.size, 0) - coalesce(old.size, 0)),
      ('', coalesce(new.size, 0) - coalesce(old.size, 0)) ON CONFLICT DO UPDATE SET bytes = bytes + excluded.bytes;
  END;
  CREATE TRIGGER inbox_message_gone AFTER DELETE ON inbox_message WHEN old.size IS NOT NULL BEGIN
    UPDATE inbox_usage SET bytes = bytes - old.size WHERE person IN (old.sender, '');
    DELETE FROM inbox_usage WHERE person = old.sender AND bytes = 0;
  END;
`

export class InboxStore {
  static readonly tables: Steps = {
    1: `
      CREATE TABLE IF NOT EXISTS inbox_message (
        n INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, lane TEXT NOT NULL, sender TEXT NOT NULL,
        label TEXT NOT NULL, blocks TEXT NOT NULL, source TEXT NOT NULL, thread TEXT NOT NULL, accepted TEXT NOT NULL
      ) STRICT;
      CREATE INDEX IF NOT EXISTS inbox_message_lane ON inbox_message (lane, n);
      CREATE TABLE IF NOT EXISTS inbox_channel (name TEXT PRIMARY KEY, created_by TEXT NOT NULL) STRICT;
      CREATE TABLE IF NOT EXISTS inbox_person (name TEXT PRIMARY KEY) STRICT;
    `,
    4: USAGE,
    ...INBOX_LISTING,
  }

  readonly #db: Database
  readonly #blobs: Blobs
  /** People who are known to be stored: everybody is seen with each of their requests. */
  readonly #seen = new Set<string>()

  constructor(db: Database, blobs: Blobs) {
    this.#db = db
    this.#blobs = blobs
  }

  async add(delivery: Omit<Delivery, 'attempt'>): Promise<void> {
    const { id, person, destination } = delivery
    await this.#db.write(() => {
      const added = this.#db.run(
        `INSERT OR IGNORE INTO inbox_message (id, lane, sender, label, blocks, source, thread, accepted)
         VALUES ($id, $lane, $sender, $label, $blocks, $source, $thread, $accepted)`,
        {
          $id: id,
          $lane: destination.lane,
          $sender: person.name,
          $label: destination.label,
          $blocks: JSON.stringify(delivery.blocks),
          $source: JSON.stringify(delivery.source),
          $thread: delivery.thread ?? id,
          $accepted: delivery.acceptedAt,
        },
      )
      if (added === 0) return
      this.#blobs.keep(owner(id), delivery.files)
      this.#measure(id)
      const { channel } = destination.address
      if (channel === undefined) return
      this.#db.run('INSERT OR IGNORE INTO inbox_channel VALUES ($name, $by)', {
        $name: channel,
        $by: person.name,
      })
    })
  }

  /** Messages in these lanes, newest first. */
  list(lanes: readonly string[] | 'all', listing: InboxListing): Found {
    return listInbox(this.#db, lanes, listing)
  }

  find(id: string): InboxMessage | undefined {
    const row = this.#db.get('SELECT * FROM inbox_message WHERE id = $id', { $id: id })
    return row && this.#message(row)
  }

  has(id: string): boolean {
    return this.#db.get('SELECT 1 FROM inbox_message WHERE id = $id', { $id: id }) !== undefined
  }

  file(id: string, n: number): RelayFile | undefined {
    return this.#blobs.read(owner(id), n)
  }

  /** Shows a message in a new state. False if it no longer exists. */
  async edit({ id, blocks, files, source }: Edit): Promise<boolean> {
    return this.#db.write(() => {
      const changed = this.#db.run(
        'UPDATE inbox_message SET blocks = $blocks, source = $source WHERE id = $id',
        { $id: id, $blocks: JSON.stringify(blocks), $source: JSON.stringify(source) },
      )
      if (changed === 0) return false
      this.#blobs.drop(owner(id))
      this.#blobs.keep(owner(id), files)
      this.#measure(id)
      return true
    })
  }

  async remove(id: string): Promise<void> {
    await this.#db.write(() => this.delete(id))
  }

  /** Measures what a version stored that did not. */
  measure(): Batch {
    return () =>
      this.#db.write(
        () =>
          this.#db.run(
            `UPDATE inbox_message SET size = ${SIZE} WHERE n IN (SELECT n FROM inbox_message WHERE size IS NULL LIMIT $limit)`,
            { $limit: MEASURED },
          ) > 0,
      )
  }

  hasChannel(name: string): boolean {
    return (
      this.#db.get('SELECT 1 FROM inbox_channel WHERE name = $name', { $name: name }) !== undefined
    )
  }

  channels(): string[] {
    return this.#names('SELECT name FROM inbox_channel ORDER BY name')
  }

  people(): string[] {
    return this.#names('SELECT name FROM inbox_person ORDER BY name')
  }

  /** On a Hub, people can get posts once they have made their first request. */
  async seen({ name }: Person): Promise<void> {
    if (this.#seen.has(name)) return
    const values = { $name: name }
    if (!this.#db.get('SELECT 1 FROM inbox_person WHERE name = $name', values))
      await this.#db.write(() =>
        this.#db.run('INSERT OR IGNORE INTO inbox_person VALUES ($name)', values),
      )
    this.#seen.add(name)
  }

  /** Call it only inside `write`. Deletes the replies too. */
  delete(id: string): void {
    this.#blobs.drop(owner(id))
    this.#db.run('DELETE FROM inbox_message WHERE id = $id', { $id: id })
  }

  #measure(id: string): void {
    this.#db.run(`UPDATE inbox_message SET size = ${SIZE} WHERE id = $id`, { $id: id })
  }

  #names(sql: string): string[] {
    return this.#db.all(sql).map((row) => String(row.name))
  }

  #message(row: Row): InboxMessage {
    const id = String(row.id)
    return {
      id,
      lane: String(row.lane),
      from: String(row.sender),
      label: String(row.label),
      blocks: z.array(Block).parse(JSON.parse(String(row.blocks))),
      files: this.#blobs.list(owner(id)),
      source: Source.parse(JSON.parse(String(row.source))),
      thread: String(row.thread),
      acceptedAt: String(row.accepted),
    }
  }
}

function owner(id: string): string {
  return `inbox:${id}`
}
