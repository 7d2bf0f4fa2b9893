// What a person is told when a post is not taken: one class, with the stable code of the relay or one of the client's own.
import { Error, Reflect, String } from './primordials.ts'

/**
 * A post that was refused and will not be sent later. `code` is the relay's (`docs/posting.md`) or one of the client's own:
 * `no_relay_url`, `no_token`, `wrong_url`, `too_large`, `bad_target`, `bad_attachment`, `interrupted`, `relay_failed`.
 */
export class PostError extends Error {
  override name = 'PostError'
  readonly code: string
  /** Nearest names among those the person may post to. */
  readonly nearest: readonly string[]
  constructor(
    code: string,
    message: string,
    options: { nearest?: readonly string[]; cause?: unknown } = {},
  ) {
    super(message, { cause: options.cause })
    this.code = code
    this.nearest = options.nearest ?? []
    // An empty list would stand below each error that a cell shows.
    if (this.nearest.length === 0) Reflect.defineProperty(this, 'nearest', { enumerable: false })
  }
}

/** What a thrown value says; anything can be thrown. */
export function messageOf(error: unknown): string {
  return Error.isError(error) ? error.message : String(error)
}

/** The code of an error of the system, as `ENOENT`; undefined if it has none. */
export function codeOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined
  return typeof error.code === 'string' ? error.code : undefined
}
