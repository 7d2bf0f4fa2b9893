// Questions in the relay's database: one row each, from the commit of its post until the post is forgotten. A row ends once.
import { readable } from '../outbox/rows.ts'
import type { Database } from '../storage/database.ts'
import type { Steps } from '../storage/migrations.ts'
import { openOf, postFateOf, questionOf } from './question-rows.ts'
import type { End, NewQuestion, OpenQuestion, PostFate, StoredQuestion } from './question-rows.ts'

/** CROSS JOIN: open questions are few, so they are read first. */
const OPEN = `
  SELECT q.*, p.typed, p.target, p.groups, p.destination, p.state AS fate, p.messages, p.url, p.thread_root
  FROM question q CROSS JOIN outbox_post p ON p.id = q.post
  WHERE q.state = 'open'`
/** Asked at each commit of the outbox, so nothing in it has to be parsed. */
const FATES = `
  SELECT q.post, q.until, p.state AS fate, p.error, (p.id IS NULL OR p.is_going) AS gone
  FROM question q LEFT JOIN outbox_post p ON p.id = q.post
  WHERE q.state = 'open'`

export class QuestionStore {
  static readonly tables: Steps = {
    1: `
      CREATE TABLE IF NOT EXISTS question (
        n INTEGER PRIMARY KEY AUTOINCREMENT, post TEXT NOT NULL UNIQUE, sender TEXT NOT NULL, asked TEXT NOT NULL,
        service TEXT NOT NULL, choices TEXT NOT NULL, otherwise TEXT,
        block TEXT NOT NULL, -- how to answer, masked as the post is
        asked_at INTEGER NOT NULL, until INTEGER NOT NULL,
        state TEXT NOT NULL CHECK (state IN ('open', 'answered', 'expired', 'withdrawn', 'failed')),
        answer TEXT, shown TEXT, ended_at INTEGER,
        is_told INTEGER NOT NULL DEFAULT 0, -- the post was told to show how it ended
        hints INTEGER NOT NULL DEFAULT 0
      ) STRICT;
      CREATE INDEX IF NOT EXISTS question_open ON question (until) WHERE state = 'open';
      CREATE INDEX IF NOT EXISTS question_untold ON question (post) WHERE state <> 'open' AND is_told = 0;
      -- A message may be heard twice, also by two runs of the relay: what was about one question is never about another.
      CREATE TABLE IF NOT EXISTS question_message (id TEXT PRIMARY KEY, at INTEGER NOT NULL) STRICT, WITHOUT ROWID;
    `,
  }

  readonly #db: Database

  /** After the outbox, whose posts it asks for. */
  constructor(db: Database) {
    this.#db = db
  }

  /** Only inside the commit that stores its post. */
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

  /** Open ones whose posts are not forgotten, of a service or of one lane of it; oldest first. */
  open(service: string, lane?: string): OpenQuestion[] {
    return this.#db
      .all(`${OPEN} AND q.service = $service AND ($lane IS NULL OR p.lane = $lane) ORDER BY q.n`, {
        $service: service,
        $lane: lane === undefined ? null : `${service}:${lane}`,
      })
      .flatMap((row) => readable(() => openOf(row)) ?? [])
  }

  /** One that is open, whose post is not forgotten. */
  openOne(post: string): OpenQuestion | undefined {
    const row = this.#db.get(`${OPEN} AND q.post = $post`, { $post: post })
    return row && readable(() => openOf(row))
  }

  fates(): PostFate[] {
    return this.#db.all(FATES).map(postFateOf)
  }

  counts(sender?: string): number {
    const row = this.#db.get(
      `SELECT count(*) AS open FROM question WHERE state = 'open' AND ($sender IS NULL OR sender = $sender)`,
      { $sender: sender ?? null },
    )
    return Number(row?.open ?? 0)
  }

  /** When the next open one is over, in ms since 1970. */
  nextUntil(): number | undefined {
    const until = this.#db.get(
      `SELECT min(until) AS until FROM question WHERE state = 'open'`,
    )?.until
    return typeof until === 'number' ? until : undefined
  }

  /** False if it is over already: the first end is the only one. Resolves after the commit. */
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

  /** Posts of questions that are over and do not show it yet. */
  untold(): string[] {
    return this.#db
      .all(`SELECT post FROM question WHERE state <> 'open' AND is_told = 0`)
      .map(({ post }) => String(post))
  }

  /** Only inside a commit: with the one that stores the post's new content. */
  told(post: string): void {
    this.#db.run('UPDATE question SET is_told = 1 WHERE post = $post', { $post: post })
  }

  async nothingToTell(post: string): Promise<void> {
    await this.#db.write(() => this.told(post))
  }

  /** Whether a message was about a question before. */
  isTaken(message: string): boolean {
    const known = this.#db.get('SELECT 1 FROM question_message WHERE id = $id', { $id: message })
    return known !== undefined
  }

  /** Only inside the commit that stores the hint to a message that was no answer. */
  hinted(post: string, message: string, now: number): void {
    this.#take(message, now)
    this.#db.run('UPDATE question SET hints = hints + 1 WHERE post = $post', { $post: post })
  }

  /** A message that was no answer, and gets no hint. */
  async take(message: string, now: number): Promise<void> {
    await this.#db.write(() => this.#take(message, now))
  }

  #take(message: string, now: number): void {
    const values = { $id: message, $at: now }
    this.#db.run('INSERT OR IGNORE INTO question_message VALUES ($id, $at)', values)
  }

  /** Forgets questions whose posts the outbox has forgotten, and messages older than every open question. */
  async prune(before: number): Promise<void> {
    const values = { $before: before }
    await this.#db.write(() => {
      this.#db.run(
        `DELETE FROM question WHERE asked_at < $before AND state <> 'open' AND post NOT IN (SELECT id FROM outbox_post)`,
        values,
      )
      this.#db.run('DELETE FROM question_message WHERE at < $before', values)
    })
  }
}
