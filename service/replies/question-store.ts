// Questions in the relay's database: one row each, from the commit of its post until the post is forgotten. A row ends once.
import type { Block } from '../../post/schema.ts'
import type { Answer, Ask } from '../../post/question.ts'
import type { Conversation, Delivered, Destination, Target } from '../chat/chat.ts'
import {
  Unreadable,
  blocksOf,
  destinationOf,
  messagesOf,
  stringsOf,
  targetOf,
} from '../outbox/rows.ts'
import type { Database, Row } from '../storage/database.ts'

/** The block that says how to answer, as the post shows it: masked. */
export type ChoicesBlock = Extract<Block, { type: 'choices' }>

export interface NewQuestion {
  ask: Ask
  /** Who asks. */
  sender: string
  /** Who is asked, for people. */
  asked: string
  service: string
  block: ChoicesBlock
}

/** The clock of a chat may be behind: what it calls older may be an answer. */
const SKEW_MS = 60_000

export type End =
  | { state: 'answered'; answer: string; shown: string; at: number }
  | { state: 'expired' }
  | { state: 'withdrawn' }
  | { state: 'failed'; error: string }

/** A question and what became of it. */
export interface StoredQuestion {
  post: string
  sender: string
  asked: string
  service: string
  /** As the question wrote them. */
  choices: string[]
  /** How to answer, as the post shows it. */
  block: ChoicesBlock
  askedAt: number
  until: number
  answer: Answer
  /** The same for those who read the post: without what masking took out. */
  shown: Answer
  hints: number
}

/** An open question with its post. */
export interface OpenQuestion extends StoredQuestion {
  typed: string
  target: Target
  person: { name: string; groups: string[] }
  destination: Destination | undefined
  /** Once it is at its service. */
  delivered: Delivered | undefined
}

/** How the post of an open question is. */
export interface PostFate {
  post: string
  until: number
  /** `gone`: it is being removed, or was. */
  fate: 'waiting' | 'delivered' | 'dead' | 'gone'
  error: string
}

/** CROSS JOIN: open questions are few, so they are read first. */
const OPEN = `
  SELECT q.*, p.typed, p.target, s.groups, p.destination, p.state AS fate, p.messages, p.url, p.thread_root
  FROM question q CROSS JOIN post p ON p.id = q.post JOIN submission s ON s.id = p.submission
  WHERE q.state = 'open'`
/** Asked at each commit of the outbox, so nothing in it has to be parsed. */
const FATES = `
  SELECT q.post, q.until, p.state AS fate, p.error, (p.id IS NULL OR (e.remove = 1 AND e.state <> 'failed')) AS gone
  FROM question q LEFT JOIN post p ON p.id = q.post LEFT JOIN edit e ON e.post = q.post
  WHERE q.state = 'open'`

export class QuestionStore {
  readonly #db: Database

  /** After the outbox, whose posts it asks for. */
  constructor(db: Database) {
    this.#db = db
    db.define(`
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
    `)
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
    return this.#db.all(FATES).map((row) => ({
      post: String(row.post),
      until: Number(row.until),
      fate: fateOf(row),
      error: String(row.error ?? ''),
    }))
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
    const changed = await this.#db.write(() =>
      this.#db.run(
        `UPDATE question SET state = $state, answer = $answer, shown = $shown, ended_at = $at WHERE post = $post AND state = 'open'`,
        {
          $post: post,
          $state: end.state,
          $answer: text,
          $shown: answered?.shown ?? text,
          $at: answered?.at ?? now,
        },
      ),
    )
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

  /** Only inside the commit that stores the hint. */
  hinted(post: string): void {
    this.#db.run('UPDATE question SET hints = hints + 1 WHERE post = $post', { $post: post })
  }

  /** Forgets questions whose posts the outbox has forgotten. */
  async prune(before: number): Promise<void> {
    await this.#db.write(() =>
      this.#db.run(
        `DELETE FROM question WHERE asked_at < $before AND state <> 'open' AND post NOT IN (SELECT id FROM post)`,
        { $before: before },
      ),
    )
  }
}

/** Undefined: another version of the relay wrote it and this one cannot read it. */
function readable<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch (error) {
    if (error instanceof Unreadable) return undefined
    throw error
  }
}

function questionOf(row: Row): StoredQuestion {
  const [block] = blocksOf(row.block)
  if (block?.type !== 'choices') throw new Unreadable('Its stored block says nothing of choices')
  const until = Number(row.until)
  return {
    post: String(row.post),
    sender: String(row.sender),
    asked: String(row.asked),
    service: String(row.service),
    choices: stringsOf(row.choices),
    block,
    askedAt: Number(row.asked_at),
    until,
    answer: answerOf(row, textOf(row.answer), textOf(row.otherwise)),
    shown: answerOf(row, textOf(row.shown), block.otherwise),
    hints: Number(row.hints),
  }
}

function textOf(value: Row[string] | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined
}

function answerOf(row: Row, text: string | undefined, otherwise: string | undefined): Answer {
  switch (row.state) {
    case 'answered': {
      const at = new Date(Number(row.ended_at)).toISOString()
      return { state: 'answered', answer: text ?? '', by: String(row.asked), at }
    }
    case 'expired':
      return { state: 'expired', ...(otherwise !== undefined && { answer: otherwise }) }
    case 'withdrawn':
      return { state: 'withdrawn' }
    case 'failed':
      return { state: 'failed', error: text ?? '' }
    default:
      return { state: 'open', until: new Date(Number(row.until)).toISOString() }
  }
}

function openOf(row: Row): OpenQuestion {
  const question = questionOf(row)
  return {
    ...question,
    typed: String(row.typed),
    target: targetOf(row.target),
    person: { name: question.sender, groups: stringsOf(row.groups) },
    destination: destinationOf(row.destination),
    delivered: row.fate === 'sent' ? deliveredOf(row) : undefined,
  }
}

function fateOf({ fate, gone }: Row): PostFate['fate'] {
  if (gone === 1) return 'gone'
  if (fate === 'sent') return 'delivered'
  return fate === 'dead' ? 'dead' : 'waiting'
}

function deliveredOf(row: Row): Delivered {
  return {
    messages: messagesOf(row.messages),
    url: textOf(row.url),
    thread: String(row.thread_root),
    leftOut: [],
  }
}

/** What to read at its service; undefined while nobody can have answered. */
export function conversationOf(question: OpenQuestion): Conversation | undefined {
  const { destination, delivered, askedAt } = question
  return destination && delivered && { destination, delivered, after: askedAt - SKEW_MS }
}
