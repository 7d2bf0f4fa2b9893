// What readers of the inbox reply to its messages: stored with them, then passed to the listeners.
// A person's account here is the person's name.
import { RelayError } from '../errors.ts'
import type { Database, Row } from '../storage/database.ts'
import type { Steps } from '../storage/migrations.ts'
import type { Conversation, Person, Replies, Reply } from './chat.ts'
import type { InboxMessage } from './inbox-store.ts'

/** Replies to one message: all are shown with it. */
const MOST_REPLIES = 200

/** A reply as readers see it. */
export interface SaidReply {
  from: string
  text: string
  /** ISO 8601. */
  at: string
}

export class InboxReplies implements Replies {
  static readonly tables: Steps = {
    1: `
      CREATE TABLE IF NOT EXISTS inbox_reply (
        n INTEGER PRIMARY KEY AUTOINCREMENT, message TEXT NOT NULL REFERENCES inbox_message (id) ON DELETE CASCADE,
        person TEXT NOT NULL, text TEXT NOT NULL, at INTEGER NOT NULL
      ) STRICT;
      CREATE INDEX IF NOT EXISTS inbox_reply_message ON inbox_reply (message, n);
    `,
  }

  readonly #db: Database
  readonly #now: () => number
  readonly #listeners = new Set<(reply: Reply) => void>()

  /** Create it after the store of the messages. */
  constructor(db: Database, now: () => number) {
    this.#db = db
    this.#now = now
  }

  /** @throws {RelayError} `too_many`; `unknown_post` if the message has been removed meanwhile */
  async add({ id }: InboxMessage, { name }: Person, text: string): Promise<SaidReply> {
    const row = await this.#db.write(() => {
      this.#checkRoom(id)
      this.#db.run(
        'INSERT INTO inbox_reply (message, person, text, at) VALUES ($id, $name, $text, $at)',
        {
          $id: id,
          $name: name,
          $text: text,
          $at: this.#now(),
        },
      )
      return this.#db.get(`${SAID} WHERE r.n = last_insert_rowid()`)
    })
    if (row) for (const heard of this.#listeners) heard(replyOf(row))
    return said(row ?? {})
  }

  /** Oldest first. */
  of(message: string): SaidReply[] {
    return this.#db.all(`${SAID} WHERE r.message = $id ORDER BY r.n`, { $id: message }).map(said)
  }

  listen(heard: (reply: Reply) => void, connected: () => void): { close(): Promise<void> } {
    this.#listeners.add(heard)
    connected()
    const close = async () => {
      this.#listeners.delete(heard)
    }
    return { close }
  }

  async missed({ destination, delivered, after }: Conversation): Promise<Reply[]> {
    return this.#db
      .all(`${SAID} WHERE m.lane = $lane AND m.thread = $thread AND r.at >= $after ORDER BY r.n`, {
        $lane: destination.lane,
        $thread: delivered.thread,
        $after: after,
      })
      .map(replyOf)
  }

  /** Call it only inside `write`. */
  #checkRoom(message: string): void {
    const count = (sql: string) => Number(this.#db.get(sql, { $id: message })?.count)
    if (count('SELECT count(*) AS count FROM inbox_message WHERE id = $id') === 0)
      throw new RelayError('unknown_post', 'The post was taken back')
    if (count('SELECT count(*) AS count FROM inbox_reply WHERE message = $id') >= MOST_REPLIES)
      throw new RelayError('too_many', `The post has ${MOST_REPLIES} replies; it takes no more`)
  }
}

const SAID = `
  SELECT r.n, r.message, r.person, r.text, r.at, m.lane, m.thread FROM inbox_reply r JOIN inbox_message m ON m.id = r.message`

function replyOf(row: Row): Reply {
  const lane = String(row.lane)
  return {
    id: String(row.n),
    lane,
    thread: String(row.thread),
    to: String(row.message),
    direct: lane.startsWith('@'),
    account: String(row.person),
    text: String(row.text),
    at: Number(row.at),
  }
}

function said(row: Row): SaidReply {
  return {
    from: String(row.person),
    text: String(row.text),
    at: new Date(Number(row.at)).toISOString(),
  }
}
