// The error of a post that was not taken: one class, with a code that never changes.
import { Error, Reflect, String } from './primordials.ts'

/**
 * A post that was refused and will not be sent later. `code` is the relay's (see `docs/posting.md`)
 * or one of the client's own: `no_relay_url`, `no_token`, `wrong_url`, `too_large`, `bad_target`,
 * `bad_attachment`, `interrupted`, `relay_failed`.
 */
export class PostError extends Error {
  override name = 'PostError'
  readonly code: string
  /** The most similar names among those that the person may post to. */
  readonly nearest: readonly string[]
  constructor(
    code: string,
    message: string,
    options: { nearest?: readonly string[]; cause?: unknown } = {},
  ) {
    super(message, { cause: options.cause })
    this.code = code
    this.nearest = options.nearest ?? []
    // Otherwise every error shown below a cell would end with an empty list.
    if (this.nearest.length === 0) Reflect.defineProperty(this, 'nearest', { enumerable: false })
  }
}

/** The message of anything that was thrown. */
export function messageOf(error: unknown): string {
  return Error.isError(error) ? error.message : String(error)
}

/** The code of a system error, such as `ENOENT`; undefined if it has none. */
export function codeOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined
  return typeof error.code === 'string' ? error.code : undefined
}
