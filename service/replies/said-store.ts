// Rows about what is said to watched cells: where to listen, which messages were heard, and the
// commands that their kernels have not got yet. Methods that change rows may only be called inside
// `Database.write`.
import { Command } from '../../post/contract/watch.ts'
import type { WatchState } from '../../post/contract/watch.ts'
import type { Conversation } from '../chat/chat.ts'
import { deliveredOf, destinationOf, readable } from '../outbox/rows.ts'
import type { Database, Row } from '../storage/database.ts'
import type { Steps } from '../storage/migrations.ts'
import { goalOf, watchOf } from './watch-store.ts'
import type { StoredGoal, Watch } from './watch-store.ts'

const TABLES = `
  CREATE TABLE IF NOT EXISTS watch_command (
    watch TEXT NOT NULL REFERENCES watch ON DELETE CASCADE, seq INTEGER NOT NULL, command TEXT NOT NULL, post TEXT, PRIMARY KEY (watch, seq)
  ) STRICT, WITHOUT ROWID;
  -- A message may be heard twice, even after a restart of the relay.
  CREATE TABLE IF NOT EXISTS watch_reply (id TEXT PRIMARY KEY, at INTEGER NOT NULL) STRICT, WITHOUT ROWID;
`

/** A post of a watch, in a thread where something was said. */
export interface HeardPost {
  id: string
  /** The relay wrote it, not the kernel. */
  own: boolean
  goal: StoredGoal
  watch: Watch
}

export class SaidStore {
  static readonly tables: Steps = { 1: TABLES }

  readonly #db: Database

  constructor(db: Database) {
    this.#db = db
  }

  /**
   * Posts of a thread that belong to a watch of the same person. CROSS JOIN makes SQLite start from
   * the watches, which are few.
   */
  heard(lane: string, thread: string, since: number): HeardPost[] {
    return this.#db
      .all(
        `SELECT w.*, l.own, p.id AS post, p.service, p.typed, p.target, p.label, p.destination
         FROM watch_post l CROSS JOIN watch w ON w.id = l.watch CROSS JOIN outbox_post p ON p.id = l.post AND p.person = w.person
         WHERE p.lane = $lane AND p.thread_root = $thread AND p.state = 'sent' AND p.accepted > $since ORDER BY p.seq`,
        { $lane: lane, $thread: thread, $since: since },
      )
      .flatMap((row) => readable(() => heardPostOf(row)) ?? [])
  }

  /** Delivered posts of a service whose threads are to be read. */
  conversations(service: string, since: number): Conversation[] {
    return this.#db
      .all(
        `SELECT max(w.started, p.accepted) AS after, p.destination, p.messages, p.url, p.thread_root
         FROM watch w CROSS JOIN watch_post l ON l.watch = w.id CROSS JOIN outbox_post p ON p.id = l.post AND p.person = w.person
         WHERE w.state <> 'ended' AND p.service = $service AND p.state = 'sent' AND p.accepted > $since`,
        { $service: service, $since: since },
      )
      .flatMap((row) => readable(() => conversationOf(row)) ?? [])
  }

  /** False if this message was heard before. */
  firstTime(reply: string, at: number): boolean {
    const values = { $id: reply, $at: at }
    return this.#db.run('INSERT OR IGNORE INTO watch_reply VALUES ($id, $at)', values) > 0
  }

  /** Adds a command unless the same one waits: so the list stays short if no kernel fetches it. */
  add(watch: string, command: Command, post: string | undefined): void {
    const isWaiting = this.#db.get(
      'SELECT 1 FROM watch_command WHERE watch = $watch AND command = $command AND post IS $post',
      { $watch: watch, $command: command, $post: post ?? null },
    )
    if (isWaiting) return
    this.#db.run('UPDATE watch SET last_seq = last_seq + 1 WHERE id = $watch', { $watch: watch })
    this.#db.run(
      'INSERT INTO watch_command SELECT id, last_seq, $command, $post FROM watch WHERE id = $watch',
      { $watch: watch, $command: command, $post: post ?? null },
    )
  }

  /** Commands after `last`; the kernel has the earlier ones. */
  after(watch: string, last: number): WatchState['commands'] {
    return this.#db
      .all(
        'SELECT seq, command, post FROM watch_command WHERE watch = $watch AND seq > $last ORDER BY seq',
        { $watch: watch, $last: last },
      )
      .map(({ seq, command, post }) => ({
        seq: Number(seq),
        command: Command.parse(command),
        ...(typeof post === 'string' && { post }),
      }))
  }

  forget(watch: string, upTo: number): void {
    const values = { $watch: watch, $upTo: upTo }
    this.#db.run('DELETE FROM watch_command WHERE watch = $watch AND seq <= $upTo', values)
  }

  prune(before: number): void {
    this.#db.run('DELETE FROM watch_reply WHERE at < $before', { $before: before })
  }
}

function heardPostOf(row: Row): HeardPost {
  return { id: String(row.post), own: row.own === 1, goal: goalOf(row), watch: watchOf(row) }
}

function conversationOf(row: Row): Conversation | undefined {
  const destination = destinationOf(row.destination)
  if (!destination) return undefined
  return { destination, delivered: deliveredOf(row), after: Number(row.after) }
}
