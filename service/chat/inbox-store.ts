// The inbox's content: messages in their order, existing channels, people the relay has seen. A
// message has the id of its delivery, so delivering twice adds nothing.
import { z } from 'zod'

import type { FileEntry, Blobs } from '../storage/blobs.ts'
import type { Database, Row } from '../storage/database.ts'
import type { Steps } from '../storage/migrations.ts'
import { Block, Source } from '../../post/contract/schema.ts'
import type { PostFile } from '../../post/contract/schema.ts'
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

/** Messages deleted in one commit. */
const MOST_AT_ONCE = 200
/** Bytes are summed from the newest on; a file counts in each message that has it. */
const STALE = `
  SELECT id FROM (
    SELECT m.id, m.accepted, sum(octet_length(m.blocks) + coalesce(
      (SELECT sum(f.size) FROM stored_file f WHERE f.owner = 'inbox:' || m.id), 0)) OVER (ORDER BY m.n DESC) AS total
    FROM inbox_message m)
  WHERE accepted < $before OR total > $bytes`

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
    ...INBOX_LISTING,
  }

  readonly #db: Database
  readonly #blobs: Blobs

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

  file(id: string, n: number): PostFile | undefined {
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
      return true
    })
  }

  async remove(id: string): Promise<void> {
    await this.#db.write(() => this.#delete(id))
  }

  /** Deletes messages older than a time (ms since 1970); beyond `bytes` in all, the oldest. */
  async prune(before: number, bytes: number): Promise<void> {
    const gone = this.#db.all(STALE, { $before: new Date(before).toISOString(), $bytes: bytes })
    // Not all in one commit: everything else that is stored waits for it.
    for (let n = 0; n < gone.length; n += MOST_AT_ONCE) {
      const some = gone.slice(n, n + MOST_AT_ONCE)
      await this.#db.write(() => some.forEach(({ id }) => this.#delete(String(id))))
    }
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
  async seen(person: Person): Promise<void> {
    const known = this.#db.get('SELECT 1 FROM inbox_person WHERE name = $name', {
      $name: person.name,
    })
    if (known) return
    await this.#db.write(() =>
      this.#db.run('INSERT OR IGNORE INTO inbox_person VALUES ($name)', { $name: person.name }),
    )
  }

  /** Call it only inside `write`. Deletes the replies too. */
  #delete(id: string): void {
    this.#blobs.drop(owner(id))
    this.#db.run('DELETE FROM inbox_message WHERE id = $id', { $id: id })
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
