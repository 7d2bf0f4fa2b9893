// The catalogue of what the relay refuses: stable code, HTTP status, and whether trying again can help.

/** code -> [HTTP status, title]. Clients and docs rely on the codes. */
export const PROBLEMS = {
  bad_request: [400, 'The request is not a post'],
  no_token: [403, 'No token'],
  bad_token: [403, 'Unknown token'],
  bad_code: [403, 'The link is used up'],
  bad_key: [403, 'The browser is not let in'],
  not_granted: [403, 'This token may not use the relay'],
  wrong_host: [403, 'Wrong host name'],
  not_allowed: [403, 'You may not post there'],
  identity_not_linked: [403, 'No chat account is linked'],
  wrong_code: [403, 'Invalid code'],
  // Not 429, by which a client would send the wish again.
  too_many_codes: [403, 'Too many codes'],
  bad_target: [400, 'Invalid target'],
  unknown_target: [404, 'Unknown channel or person'],
  unknown_post: [404, 'No such post'],
  unknown_watch: [404, 'No such watch'],
  unknown_question: [404, 'The post is not a question'],
  not_found: [404, 'No such address'],
  too_late: [409, 'The post can no longer be changed'],
  too_large: [413, 'The post is too large'],
  idempotency_conflict: [422, 'This idempotency key was used for another post'],
  too_many: [429, 'Too many posts'],
  internal: [500, 'The relay failed'],
  chat_refuses: [424, 'The chat does not let the relay in'],
  hub_away: [503, 'The Hub does not answer'],
  busy: [503, 'The relay has too much to do'],
  storage: [507, 'The relay cannot store the post'],
} as const satisfies Record<string, readonly [number, string]>

export type ProblemCode = keyof typeof PROBLEMS

/** Refused by the relay; becomes an RFC 9457 problem document. `message` says what was expected, what came and what to do. */
export class RelayError extends Error {
  override name = 'RelayError'
  readonly code: ProblemCode
  /** Nearest names among those allowed. */
  readonly nearest: string[]
  /** Seconds, for `Retry-After`. */
  readonly retryAfter: number | undefined
  constructor(
    code: ProblemCode,
    message: string,
    options: { nearest?: string[]; retryAfter?: number; cause?: unknown } = {},
  ) {
    super(message, { cause: options.cause })
    this.code = code
    this.nearest = options.nearest ?? []
    this.retryAfter = options.retryAfter
  }
  get status(): number {
    return PROBLEMS[this.code][0]
  }
}

/** What a chat service answered. */
export class ChatError extends Error {
  override name = 'ChatError'
  /** HTTP status of the service, 0 if it did not answer. */
  readonly status: number
  /** The outbox asks this and nothing else. */
  readonly retryable: boolean
  /** Milliseconds the service asked to wait. */
  readonly retryAfterMs: number | undefined
  /** Set if the person's choice of target is the cause. */
  readonly code: 'unknown_target' | 'not_allowed' | 'identity_not_linked' | undefined
  readonly nearest: string[]
  constructor(
    message: string,
    options: {
      status: number
      retryable: boolean
      retryAfterMs?: number
      code?: 'unknown_target' | 'not_allowed' | 'identity_not_linked'
      nearest?: string[]
      cause?: unknown
    },
  ) {
    super(message, { cause: options.cause })
    this.status = options.status
    this.retryable = options.retryable
    this.retryAfterMs = options.retryAfterMs
    this.code = options.code
    this.nearest = options.nearest ?? []
  }
}
