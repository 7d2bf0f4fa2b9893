// Questions in the relay's database: one row each, from the commit of its post until the post is
// forgotten. A question ends only once.
import { readable } from '../outbox/rows.ts'
import type { Batch } from '../storage/batches.ts'
import type { Database } from '../storage/database.ts'
import type { Steps } from '../storage/migrations.ts'
import { openOf, postFateOf, questionOf } from './question-rows.ts'
import type { End, NewQuestion, OpenQuestion, PostFate, StoredQuestion } from './question-rows.ts'

/** CROSS JOIN makes SQLite read the few open questions first. */
const OPEN = `
  SELECT q.*, p.typed, p.target, p.groups, p.destination, p.state AS fate, p.messages, p.url, p.thread_root
  FROM question q CROSS JOIN outbox_post p ON p.id = q.post
  WHERE q.state = 'open'`
/** This runs after each commit of the outbox, so it reads no column that must be parsed. */
const FATES = `
  SELECT q.post, q.until, p.state AS fate, p.error, (p.id IS NULL OR p.is_going) AS gone
  FROM question q LEFT JOIN outbox_post p ON p.id = q.post
  WHERE q.state = 'open'`

/** Rows looked at in one commit. */
const LOOKED_AT = 100

export class QuestionStore {
  static readonly tables: Steps = {
    1: `
      CREATE TABLE IF NOT EXISTS question (
        n INTEGER PRIMARY KEY AUTOINCREMENT, post TEXT NOT NULL UNIQUE, sender TEXT NOT NULL, asked TEXT NOT NULL,
        service TEXT NOT NULL, choices TEXT NOT NULL, otherwise TEXT,
        block TEXT NOT NULL, -- how to answer, with secrets masked
        asked_at INTEGER NOT NULL, until INTEGER NOT NULL,
        state TEXT NOT NULL CHECK (state IN ('open', 'answered', 'expired', 'withdrawn', 'failed')),
        answer TEXT, shown TEXT, ended_at INTEGER,
        is_told INTEGER NOT NULL DEFAULT 0, -- the post shows how it ended, or is to be changed so
        hints INTEGER NOT NULL DEFAULT 0
      ) STRICT;
      CREATE INDEX IF NOT EXISTS question_open ON question (until) WHERE state = 'open';
      CREATE INDEX IF NOT EXISTS question_untold ON question (post) WHERE state <> 'open' AND is_told = 0;
      -- Messages that were about a question. One may be heard twice, even after a restart of the
      -- relay, and must not answer a second question.
      CREATE TABLE IF NOT EXISTS question_message (id TEXT PRIMARY KEY, at INTEGER NOT NULL) STRICT, WITHOUT ROWID;
    `,
    4: 'CREATE INDEX question_message_at ON question_message (at)',
  }

  readonly #db: Database

  /** To be called after the outbox was opened: the queries use its view of posts. */
  constructor(db: Database) {
    this.#db = db
  }

  /** Only inside the commit that stores the post. */
  add(post: string, { ask, sender, asked, service, block }: NewQuestion): void {
    const until = Date.parse(block.until)
    this.#db.run(
      `INSERT INTO question (post, sender, asked, service, choices, otherwise, block, asked_at, until, state)
       VALUES ($post, $sender, $asked, $service, $choices, $otherwise, $block, $at, $until, 'open')`,
      {
        $post: post,
        $sender: sender,
        $asked: asked,
        $service: service,
        $choices: JSON.stringify(ask.choices),
        $otherwise: ask.otherwise ?? null,
        $block: JSON.stringify([block]),
        $at: until - ask.timeoutMs,
        $until: until,
      },
    )
  }

  find(post: string): StoredQuestion | undefined {
    const row = this.#db.get('SELECT * FROM question WHERE post = $post', { $post: post })
    return row && readable(() => questionOf(row))
  }

  /** Open questions of a service, or of one of its lanes, whose posts still exist; oldest first. */
  open(service: string, lane?: string): OpenQuestion[] {
    return this.#db
      .all(`${OPEN} AND q.service = $service AND ($lane IS NULL OR p.lane = $lane) ORDER BY q.n`, {
        $service: service,
        $lane: lane === undefined ? null : `${service}:${lane}`,
      })
      .flatMap((row) => readable(() => openOf(row)) ?? [])
  }

  /** The question of a post, if it is open and the post still exists. */
  openOne(post: string): OpenQuestion | undefined {
    const row = this.#db.get(`${OPEN} AND q.post = $post`, { $post: post })
    return row && readable(() => openOf(row))
  }

  /** Of all open questions, or of those whose time is up at `due`. */
  fates(due?: number): PostFate[] {
    const rows =
      due === undefined
        ? this.#db.all(FATES)
        : this.#db.all(`${FATES} AND q.until <= $due`, { $due: due })
    return rows.map(postFateOf)
  }

  /** One look-up for each post. */
  fatesOf(posts: Iterable<string>): PostFate[] {
    return [...posts].flatMap((post) => {
      const row = this.#db.get(`${FATES} AND q.post = $post`, { $post: post })
      return row ? [postFateOf(row)] : []
    })
  }

  counts(sender?: string): number {
    const row = this.#db.get(
      `SELECT count(*) AS open FROM question WHERE state = 'open' AND ($sender IS NULL OR sender = $sender)`,
      { $sender: sender ?? null },
    )
    return Number(row?.open ?? 0)
  }

  /** When the time of the next open question is up, in ms since 1970. */
  nextUntil(): number | undefined {
    const until = this.#db.get(
      `SELECT min(until) AS until FROM question WHERE state = 'open'`,
    )?.until
    return typeof until === 'number' ? until : undefined
  }

  /** Resolves after the commit; false if the question was over already: the first end counts. */
  async end(post: string, end: End, now: number): Promise<boolean> {
    const answered = end.state === 'answered' ? end : undefined
    const text = end.state === 'failed' ? end.error : (answered?.answer ?? null)
    const changed = await this.#db.write(() => {
      if (answered) this.#take(answered.message, now)
      return this.#db.run(
        `UPDATE question SET state = $state, answer = $answer, shown = $shown, ended_at = $at WHERE post = $post AND state = 'open'`,
        {
          $post: post,
          $state: end.state,
          $answer: text,
          $shown: answered?.shown ?? text,
          $at: answered?.at ?? now,
        },
      )
    })
    return changed > 0
  }

  /** Posts of questions that are over, if the posts do not show it yet. */
  untold(): string[] {
    return this.#db
      .all(`SELECT post FROM question WHERE state <> 'open' AND is_told = 0`)
      .map(({ post }) => String(post))
  }

  /** Only inside the commit that stores the post's new content. */
  told(post: string): void {
    this.#db.run('UPDATE question SET is_told = 1 WHERE post = $post', { $post: post })
  }

  async nothingToTell(post: string): Promise<void> {
    await this.#db.write(() => this.told(post))
  }

  /** Whether this message was used for a question before. */
  isTaken(message: string): boolean {
    const known = this.#db.get('SELECT 1 FROM question_message WHERE id = $id', { $id: message })
    return known !== undefined
  }

  /** Only inside the commit that stores the hint for a message that was no answer. */
  hinted(post: string, message: string, now: number): void {
    this.#take(message, now)
    this.#db.run('UPDATE question SET hints = hints + 1 WHERE post = $post', { $post: post })
  }

  /** For a message that was no answer and gets no hint. */
  async take(message: string, now: number): Promise<void> {
    await this.#db.write(() => this.#take(message, now))
  }

  #take(message: string, now: number): void {
    const values = { $id: message, $at: now }
    this.#db.run('INSERT OR IGNORE INTO question_message VALUES ($id, $at)', values)
  }

  /** Whether the content of the post is needed: to show how the question ends. */
  needs(post: string): boolean {
    const sql = `SELECT 1 FROM question WHERE post = $post AND (state = 'open' OR is_told = 0)`
    return this.#db.get(sql, { $post: post }) !== undefined
  }

  /** Forgets questions that are over and whose posts the outbox has forgotten. */
  orphans(): Batch {
    let place = 0
    return () =>
      this.#db.write(() => {
        const rows = this.#db.all(
          `SELECT n, state <> 'open' AND NOT EXISTS (SELECT 1 FROM outbox_post p WHERE p.id = q.post) AS isOver
           FROM question q WHERE n > $place ORDER BY n LIMIT $limit`,
          { $place: place, $limit: LOOKED_AT },
        )
        for (const { n, isOver } of rows) {
          place = Number(n)
          if (isOver === 1) this.#db.run('DELETE FROM question WHERE n = $n', { $n: place })
        }
        return rows.length > 0
      })
  }

  /** Forgets which messages were used before this time. */
  oldMessages(before: number): Batch {
    return () =>
      this.#db.write(
        () =>
          this.#db.run(
            `DELETE FROM question_message WHERE id IN (SELECT id FROM question_message WHERE at < $before ORDER BY at LIMIT $limit)`,
            { $before: before, $limit: LOOKED_AT },
          ) === LOOKED_AT,
      )
  }
}
