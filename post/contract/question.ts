// The contract of `post.ask()`: a post that waits for one person's answer, and what became of it. The relay decides who answered, what
// counts and when it is over; an answer is text and never evaluated.
import { z } from 'zod'
import limits from './limits.json' with { type: 'json' }

export { choicesText, minuteText } from './question-text.ts'
export type { Choices } from './question-text.ts'

const { ask } = limits

/** A question nobody answers is over after this long unless it says otherwise, in ms. */
export const DEFAULT_TIMEOUT_MS = ask.defaultMs

/** Part of a post's manifest: its one target names the person who is asked. */
export const Ask = z.object({
  /** What can be answered, by number or word; none: any text. */
  choices: z.array(z.string().trim().min(1).max(ask.choice)).max(ask.choices),
  /** ms from the moment the relay accepts it, 1 s to 30 days. */
  timeoutMs: z.int().min(ask.shortestMs).max(ask.longestMs),
  /** The answer if there is none in time. */
  otherwise: z.string().max(ask.otherwise).optional(),
})
export type Ask = z.infer<typeof Ask>

/** `GET api/v1/posts/ID/answer?wait=SECONDS` (0 to 30): answered as soon as it is not open any more, or when the time is up. */
export const Answer = z.discriminatedUnion('state', [
  /** `until`: ISO 8601. */
  z.object({ state: z.literal('open'), until: z.string() }),
  /** One of the choices as the question wrote it, or a text: at most 2000 characters, without control characters but line ends. */
  z.object({ state: z.literal('answered'), answer: z.string(), by: z.string(), at: z.string() }),
  /** Nobody answered in time; `answer` is the question's `otherwise`. */
  z.object({ state: z.literal('expired'), answer: z.string().optional() }),
  /** Taken back by who asked: `DELETE api/v1/posts/ID/answer`. */
  z.object({ state: z.literal('withdrawn') }),
  /** The chat refused the post. */
  z.object({ state: z.literal('failed'), error: z.string() }),
])
export type Answer = z.infer<typeof Answer>

/** What a reader of the post sees of the question. */
export const ShownQuestion = z.object({ choices: z.array(z.string()), answer: Answer })
export type ShownQuestion = z.infer<typeof ShownQuestion>

/** The body of `POST api/v1/posts/ID/replies`: what a reader of the inbox says to a post. */
export const ReplyText = z.object({ text: z.string().trim().min(1).max(2000) })
export type ReplyText = z.infer<typeof ReplyText>
