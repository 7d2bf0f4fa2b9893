// Turns rows of the relay's database into questions: what was asked, and what became of it.
import type { Answer, Ask } from '../../post/contract/question.ts'
import type { Block } from '../../post/contract/schema.ts'
import type { Conversation, Delivered, Destination, Target } from '../chat/chat.ts'
import {
  Unreadable,
  blocksOf,
  deliveredOf,
  destinationOf,
  stringsOf,
  targetOf,
} from '../outbox/rows.ts'
import type { Row } from '../storage/database.ts'

/** The block that says how to answer, as the post shows it: masked. */
export type ChoicesBlock = Extract<Block, { type: 'choices' }>

export interface NewQuestion {
  ask: Ask
  /** The user who asks. */
  sender: string
  /** The name of the person who is asked, as people read it. */
  asked: string
  service: string
  block: ChoicesBlock
}

/** A chat's clock may be behind, so a reply that seems older than the question may answer it. */
const SKEW_MS = 60_000

export type End =
  /** `message` is the key of the reply, so that it answers no other question. */
  | { state: 'answered'; answer: string; shown: string; at: number; message: string }
  | { state: 'expired' }
  | { state: 'withdrawn' }
  | { state: 'failed'; error: string }

/** A question and what became of it. */
export interface StoredQuestion {
  post: string
  sender: string
  asked: string
  service: string
  /** As the asker wrote them. */
  choices: string[]
  /** How to answer, as the post shows it. */
  block: ChoicesBlock
  askedAt: number
  until: number
  answer: Answer
  /** The answer for readers of the post: with secrets masked. */
  shown: Answer
  hints: number
}

/** An open question with its post. */
export interface OpenQuestion extends StoredQuestion {
  typed: string
  target: Target
  person: { name: string; groups: string[] }
  destination: Destination | undefined
  /** Undefined until the post is at its service. */
  delivered: Delivered | undefined
}

/** What has become of the post of an open question. */
export interface PostFate {
  post: string
  until: number
  /** `gone`: the post was removed or is to be removed. */
  fate: 'waiting' | 'delivered' | 'dead' | 'gone'
  error: string
}

export function questionOf(row: Row): StoredQuestion {
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

export function openOf(row: Row): OpenQuestion {
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

/** Reads a row of the query `FATES`. */
export function postFateOf(row: Row): PostFate {
  return {
    post: String(row.post),
    until: Number(row.until),
    fate: fateOf(row),
    error: String(row.error ?? ''),
  }
}

function fateOf({ fate, gone }: Row): PostFate['fate'] {
  if (gone === 1) return 'gone'
  if (fate === 'sent') return 'delivered'
  return fate === 'dead' ? 'dead' : 'waiting'
}

/** What to read from the service; undefined while nobody can have answered yet. */
export function conversationOf(question: OpenQuestion): Conversation | undefined {
  const { destination, delivered, askedAt } = question
  return destination && delivered && { destination, delivered, after: askedAt - SKEW_MS }
}
