// What clients say when a post is refused or the relay is away: `errors.json`, which the Python
// package reads too.
import errors from './errors.json' with { type: 'json' }
import { filled } from './filled.ts'
import type { Values } from './filled.ts'

/** Code of a relay's refusal -> its HTTP status and title. */
export const CODES: Readonly<Record<ErrorCode, { status: number; title: string }>> = errors.codes
export type ErrorCode = keyof typeof errors.codes

/** Worth another try: the relay, or a proxy before it, is overloaded, restarting or broken. */
export const RETRYABLE: ReadonlySet<number> = new Set(errors.retryable)

/** Codes by which the token check refuses. */
export const TOKEN_CHECK: ReadonlySet<string> = new Set(errors.tokenCheck)

export function sentence(name: keyof typeof errors.sentences, values: Values = {}): string {
  return filled(errors.sentences[name], values)
}
