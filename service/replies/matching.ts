// Which question a reply is about, and which answer it gives. The question is found by place,
// account and time, never by a name. The text is only compared with the choices.
import { firstUnits } from '../../post/contract/units.ts'
import type { Reply } from '../chat/chat.ts'
import type { StoredQuestion } from './question-rows.ts'

/** A longer answer is cut. */
const MOST_ANSWER = 2000
/** How people write a number: `2`, `2.`, `2)`, `#2`. */
const NUMBER = /^#?(\d{1,3})[.)]?$/

/** The parts of an open question that decide whether a reply is about it. */
export interface Place {
  /** The account of the person who is asked. */
  account: string | undefined
  lane: string
  thread: string
  /** Ids of the messages that show the question. */
  messages: readonly string[]
  /** ms since 1970. */
  askedAt: number
  until: number
}

/** A key for a reply, unique among those of all services. */
export function messageKey(service: string, { id }: Reply): string {
  return JSON.stringify([service, id])
}

/** The newest question that this reply is about. @param open - Oldest first. */
export function askedOf<T extends Place>(reply: Reply, open: readonly T[]): T | undefined {
  return open.findLast((question) => isAbout(reply, question))
}

function isAbout(reply: Reply, question: Place): boolean {
  const { account, lane, thread, messages, askedAt, until } = question
  if (reply.account !== account || reply.lane !== lane || reply.at > until) return false
  if (reply.to !== undefined) return messages.includes(reply.to)
  if (reply.thread !== undefined && reply.thread !== thread) return false
  if (reply.thread === undefined && !reply.direct) return false
  // In the thread below the question itself, every reply is newer than it, whatever the clocks say.
  return reply.at > askedAt || (reply.thread !== undefined && messages.includes(thread))
}

/** Index of the choice that was meant: by its words, else by its number; undefined if none was. */
export function choiceOf(text: string, choices: readonly string[]): number | undefined {
  const said = cleanAnswer(text)
  const folded = fold(said)
  const exact = choices.indexOf(said)
  const byWord = exact >= 0 ? exact : choices.findIndex((choice) => fold(choice) === folded)
  if (byWord >= 0) return byWord
  const number = Number(NUMBER.exec(said)?.[1] ?? 0)
  return number >= 1 && number <= choices.length ? number - 1 : undefined
}

function fold(text: string): string {
  return text.normalize('NFC').toLowerCase().replace(/\s+/g, ' ').trim()
}

/** Trimmed, without control characters except line ends, and at most 2000 characters. */
export function cleanAnswer(text: string): string {
  const clean = text
    .replace(/\r\n?/g, '\n')
    .replaceAll('\t', ' ')
    .replace(/[^\P{Cc}\n]/gu, '')
    .trim()
  return firstUnits(clean, MOST_ANSWER)
}

/** The answer that a text gives, as the asker wrote it and as the post shows it. */
export function accepted(
  { choices, block }: StoredQuestion,
  text: string,
): { answer: string; shown: string } | undefined {
  if (choices.length === 0) {
    const answer = cleanAnswer(text)
    return answer === '' ? undefined : { answer, shown: answer }
  }
  const n = choiceOf(text, block.choices)
  const answer = n === undefined ? undefined : choices[n]
  if (n === undefined || answer === undefined) return undefined
  return { answer, shown: block.choices[n] ?? answer }
}
