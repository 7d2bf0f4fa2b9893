// What clients say when a post is not taken, and how they read a relay's answers. The data is in
// `errors.json`, shared with Python.
import errors from './errors.json' with { type: 'json' }
import { filled } from './filled.ts'
import type { Values } from './filled.ts'

/** Code of a relay's error -> its HTTP status and title. */
export const CODES: Readonly<Record<ErrorCode, { status: number; title: string }>> = errors.codes
export type ErrorCode = keyof typeof errors.codes

/**
 * Statuses after which trying again can help: the relay or a proxy in front of it is overloaded,
 * restarting or broken.
 */
export const RETRYABLE: ReadonlySet<number> = new Set(errors.retryable)

/** Codes after which the same request can be sent again a little later, whatever their status. */
export const RETRYABLE_CODES: ReadonlySet<string> = new Set(errors.retryableCodes)

/** The codes of errors about the token. */
export const TOKEN_CHECK: ReadonlySet<string> = new Set(errors.tokenCheck)

/** With a capital letter: where it stands alone. */
export function capitalised(words: string): string {
  return words.slice(0, 1).toUpperCase() + words.slice(1)
}

export function sentence(name: keyof typeof errors.sentences, values: Values = {}): string {
  return filled(errors.sentences[name], values)
}
