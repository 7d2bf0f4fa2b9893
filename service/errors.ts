// Errors of the relay, with the codes of `post/contract/errors.json`, and errors of chat services.
import { CODES } from '../post/contract/sentence.ts'
import type { ErrorCode } from '../post/contract/sentence.ts'

/** `too_many_codes` does not have status 429, at which a client would send its request again. */
export type ProblemCode = ErrorCode

/**
 * The relay refuses something. Becomes an RFC 9457 problem document. `message` says what was
 * expected, what came and what to do.
 */
export class RelayError extends Error {
  override name = 'RelayError'
  readonly code: ProblemCode
  /** The most similar names among those that are allowed. */
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
    return CODES[this.code].status
  }
}

/** The codes of a refusal whose cause is the target that the person chose. */
export type TargetCode = 'unknown_target' | 'not_allowed' | 'identity_not_linked'

/** A chat service refused something or failed. */
export class ChatError extends Error {
  override name = 'ChatError'
  /** HTTP status of the service, 0 if it did not answer. */
  readonly status: number
  /** Decides alone whether the outbox tries again. */
  readonly retryable: boolean
  /** How long the service asked to wait. */
  readonly retryAfterMs: number | undefined
  /** Set if the target that the person chose is the cause. */
  readonly code: TargetCode | undefined
  readonly nearest: string[]
  constructor(
    message: string,
    options: {
      status: number
      retryable: boolean
      retryAfterMs?: number
      code?: TargetCode
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
