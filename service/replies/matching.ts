// Which question a reply is about, and which answer it is: by place, account and time, never by a name; the text is compared, never
// evaluated.
import type { Reply } from '../chat/chat.ts'

/** A longer answer is cut. */
const MOST_ANSWER = 2000
/** What else than the number itself people write: `2.`, `2)`, `#2`. */
const NUMBER = /^#?(\d{1,3})[.)]?$/

/** What of an open question decides whether a reply is about it. */
export interface Place {
  /** Of the person who is asked. */
  account: string | undefined
  lane: string
  thread: string
  /** Ids of the messages that show it. */
  messages: readonly string[]
  /** ms since 1970. */
  askedAt: number
  until: number
}

/** Names what was said among all that is heard. */
export function messageKey(service: string, { id }: Reply): string {
  return JSON.stringify([service, id])
}

/** The newest of the questions, given oldest first, that this reply is about. */
export function askedOf<T extends Place>(reply: Reply, open: readonly T[]): T | undefined {
  return open.findLast((question) => isAbout(reply, question))
}

function isAbout(reply: Reply, question: Place): boolean {
  const { account, lane, thread, messages, askedAt, until } = question
  if (reply.account !== account || reply.lane !== lane || reply.at > until) return false
  if (reply.to !== undefined) return messages.includes(reply.to)
  if (reply.thread !== undefined && reply.thread !== thread) return false
  if (reply.thread === undefined && !reply.direct) return false
  // In the thread that hangs on the question itself nothing can be older than it, whatever the clocks say.
  return reply.at > askedAt || (reply.thread !== undefined && messages.includes(thread))
}

/** The choice that was meant, by its index: by word, else by number; undefined if none was. */
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

/** Without control characters but line ends, trimmed, at most 2000 characters. */
export function cleanAnswer(text: string): string {
  const clean = text
    .replace(/\r\n?/g, '\n')
    .replaceAll('\t', ' ')
    .replace(/[^\P{Cc}\n]/gu, '')
    .trim()
  return beginningOf(clean, MOST_ANSWER)
}

/** At most so long, and no half of a surrogate pair, which is no character. */
export function beginningOf(text: string, most: number): string {
  return text.slice(0, most).replace(/[\uD800-\uDBFF]$/, '')
}
