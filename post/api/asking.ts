// Sends a question to a relay and waits for its answer, even if the relay restarts or the network
// is away meanwhile. Stopping to wait takes the question back. Used by the kernel, the CLI and
// other programs.
import limits from '../contract/limits.json' with { type: 'json' }
import { setTimeout as delay } from 'node:timers/promises'
import { durationText } from '../contract/duration.ts'
import { PostError } from '../contract/error.ts'
import type { RelayPoster } from '../relay/poster.ts'
import type { Answer, Ask } from '../contract/question.ts'
import type { Receipt } from '../relay/receipt.ts'
import type { Post, StoredPost } from '../contract/schema.ts'

export type AskingPost = Post & { ask: Ask }

export type AskPoster = Pick<RelayPoster, 'masked' | 'post' | 'status' | 'answer' | 'withdraw'>

/** The state of a question. */
export interface Asked {
  post: StoredPost
  /** ISO 8601, by this machine's clock. */
  until: string
  /** What the sender should know: how many secrets were masked. */
  notices: readonly string[]
  answer: Answer | 'interrupted' | undefined
}

export interface AskingOptions {
  signal?: AbortSignal | undefined
  /** Called when the relay has the question, when its permalink is known, and when it is over. */
  onChange?: (asked: Asked) => void
  /** How long to try on when the time is up and the relay is away, in ms. */
  graceMs?: number
}

/**
 * How long each poll waits, in seconds. The first are short, to learn the permalink soon; the last
 * stays below the 30 s after which proxies end a request.
 */
const WAITS = [1, 2, 5, limits.waiting.pollSeconds]
const {
  graceMs: GRACE_MS,
  withdrawMs: WITHDRAW_MS,
  firstPauseMs: FIRST_PAUSE_MS,
  longestPauseMs: LONGEST_PAUSE_MS,
  /** Least time between two polls, for a proxy that answers at once without waiting. */
  pollMs: POLL_MS,
} = limits.waiting

/**
 * Asks and waits.
 *
 * @returns The answer: one of the choices as the caller gave it, any text if there are no choices,
 *   or `otherwise`.
 * @throws {PostError} `no_answer`, `withdrawn`, `dead`, or `relay_away` if the relay does not take
 *   the question. If the signal was aborted, throws its reason.
 */
export async function askAndWait(
  poster: AskPoster,
  question: AskingPost,
  options: AskingOptions = {},
): Promise<string> {
  const { signal, onChange } = options
  const { post, notices } = await poster.masked(question)
  const choices = choicesOf(question, post)
  const { timeoutMs, otherwise } = question.ask
  let asked: Asked | undefined
  try {
    const receipt = await poster.post(post, signal)
    asked = {
      post: storedOf(receipt),
      until: new Date(Date.now() + timeoutMs).toISOString(),
      notices: [...receipt.notices, ...notices],
      answer: undefined,
    }
    onChange?.(asked)
    const { answer, reason } = await wait(poster, asked, otherwise, options)
    onChange?.({ ...asked, answer })
    return outcome(answer, question, choices, reason)
  } catch (error) {
    if (signal?.aborted !== true) throw error
    if (asked !== undefined) {
      onChange?.({ ...asked, answer: 'interrupted' })
      await takeBack(poster, asked.post.id)
    }
    throw signal.reason
  }
}

/** A question has one target, and is never kept for later: `posts` has exactly one entry. */
function storedOf(receipt: Receipt): StoredPost {
  const stored = receipt.kind === 'accepted' ? receipt.posts[0] : undefined
  if (stored === undefined) throw new PostError('relay_away', 'The relay did not take the question')
  return stored
}

/**
 * Maps each choice as it is sent to the choice as it was given.
 * @throws {PostError} if masking makes two choices equal.
 */
function choicesOf(question: AskingPost, sent: AskingPost): Map<string, string> {
  const given = question.ask.choices
  const choices = new Map(sent.ask.choices.map((choice, n) => [choice, given[n] ?? choice]))
  if (choices.size === given.length) return choices
  throw new PostError(
    'bad_request',
    'Expected choices that a reader can tell apart: two of them are secrets, which are masked',
  )
}

interface Waited {
  answer: Exclude<Answer, { state: 'open' }>
  /** Why it is not known whether somebody answered. */
  reason?: string
}

async function wait(
  poster: AskPoster,
  asked: Asked,
  otherwise: string | undefined,
  { signal, onChange, graceMs = GRACE_MS }: AskingOptions,
): Promise<Waited> {
  const { id } = asked.post
  let awaySince: number | undefined
  let pause = FIRST_PAUSE_MS
  for (let poll = 0; ; poll += 1) {
    signal?.throwIfAborted()
    const startedAt = performance.now()
    try {
      const answer = await poster.answer(id, WAITS[Math.min(poll, WAITS.length - 1)] ?? 0, signal)
      awaySince = undefined
      pause = FIRST_PAUSE_MS
      if (answer.state !== 'open') return { answer }
      if (asked.post.url === undefined && poll < WAITS.length) {
        asked.post = await poster.status(id, signal)
        if (asked.post.url !== undefined) onChange?.(asked)
      }
      await sleep(POLL_MS - (performance.now() - startedAt), signal)
    } catch (error) {
      if (signal?.aborted === true || !isAway(error)) throw error
      awaySince ??= Date.now()
      // After a machine slept, the time may be up at the moment the relay is first found away. The
      // grace period starts then.
      const end = Math.max(Date.parse(asked.until), awaySince) + graceMs
      if (Date.now() >= end)
        return { answer: { state: 'expired', answer: otherwise }, reason: error.message }
      await sleep(Math.min(pause * (0.75 + Math.random() / 2), end - Date.now()), signal)
      pause = Math.min(pause * 2, LONGEST_PAUSE_MS)
    }
  }
}

/** The relay already took the question, so `wrong_url` means that a proxy answers in its place. */
function isAway(error: unknown): error is PostError {
  return error instanceof PostError && ['relay_away', 'wrong_url'].includes(error.code)
}

async function sleep(ms: number, signal: AbortSignal | undefined): Promise<void> {
  if (ms > 0) await delay(ms, undefined, signal === undefined ? {} : { signal })
}

function outcome(
  answer: Waited['answer'],
  { ask }: AskingPost,
  choices: ReadonlyMap<string, string>,
  reason: string | undefined,
): string {
  switch (answer.state) {
    case 'answered': {
      const choice = choices.size === 0 ? answer.answer : choices.get(answer.answer)
      if (choice !== undefined) return choice
      throw new PostError('wrong_url', 'The relay gave an answer that is none of the choices')
    }
    case 'expired': {
      if (ask.otherwise !== undefined) return ask.otherwise
      const why = reason === undefined ? '' : `; it is not known whether there is one: ${reason}`
      throw new PostError(
        'no_answer',
        `No answer within ${durationText(ask.timeoutMs)}${why}. With { otherwise: 'text' } the result is that text instead`,
      )
    }
    case 'withdrawn':
      throw new PostError('withdrawn', 'The question was taken back')
    case 'failed':
      throw new PostError('dead', `The question was not delivered: ${answer.error}`)
  }
}

/** Never rejects, and takes 2 s at most. */
async function takeBack(poster: AskPoster, id: string): Promise<void> {
  try {
    await poster.withdraw(id, AbortSignal.timeout(WITHDRAW_MS))
  } catch {
    // A PostError: the relay is away, or the question is over already. An open question ends by
    // itself when its time is up.
  }
}
