// The contract of `post.ask()`: a post that waits for one person's answer. The relay decides who
// has answered, what counts as an answer and when the question is over. An answer is text and is
// never evaluated.
import { z } from 'zod'
import limits from './limits.json' with { type: 'json' }

export { choicesText, minuteText } from './question-text.ts'
export type { Choices } from './question-text.ts'

const { ask } = limits

/** A part of a post's manifest. The post has one target: the person who is asked. */
export const Ask = z.object({
  /** Possible answers, given by number or word. If there are none, any text is an answer. */
  choices: z.array(z.string().trim().min(1).max(ask.choice)).max(ask.choices),
  /** In ms from the moment the relay accepts the question, from 1 s to 30 days. */
  timeoutMs: z.int().min(ask.shortestMs).max(ask.longestMs),
  /** The answer if nobody answers in time. */
  otherwise: z.string().max(ask.otherwise).optional(),
})
export type Ask = z.infer<typeof Ask>

/**
 * `GET api/v1/posts/ID/answer?wait=SECONDS` (0 to 30) returns this as soon as the question is no
 * longer open, or when the time is up.
 */
export const Answer = z.discriminatedUnion('state', [
  /** `until`: ISO 8601. */
  z.object({ state: z.literal('open'), until: z.string() }),
  /**
   * One of the choices as the question has it, or a text of at most 2000 characters without control
   * characters other than line ends.
   */
  z.object({ state: z.literal('answered'), answer: z.string(), by: z.string(), at: z.string() }),
  /** Nobody answered in time; `answer` is the question's `otherwise`. */
  z.object({ state: z.literal('expired'), answer: z.string().optional() }),
  /** The asking program took it back: `DELETE api/v1/posts/ID/answer`. */
  z.object({ state: z.literal('withdrawn') }),
  /** The chat refused the post. */
  z.object({ state: z.literal('failed'), error: z.string() }),
])
export type Answer = z.infer<typeof Answer>

/** What readers of the post see of the question. */
export const ShownQuestion = z.object({ choices: z.array(z.string()), answer: Answer })
export type ShownQuestion = z.infer<typeof ShownQuestion>

/** The body of `POST api/v1/posts/ID/replies`: a reader of the inbox answers a post. */
export const ReplyText = z.object({ text: z.string().trim().min(1).max(2000) })
export type ReplyText = z.infer<typeof ReplyText>
