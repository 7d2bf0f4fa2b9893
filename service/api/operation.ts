// How a request of the relay's HTTP API is described: once, for the OpenAPI document, for the page
// in docs/ and for the methods that the relay takes at an address.
import type { z } from 'zod'

import { CODES } from '../../post/contract/sentence.ts'
import type { ErrorCode } from '../../post/contract/sentence.ts'

export const METHODS = ['get', 'post', 'put', 'patch', 'delete'] as const
export type Method = (typeof METHODS)[number]

/** `reader`: a token, or on one's own machine the session of the inbox page. */
export type Caller = 'anyone' | 'token' | 'reader'

export type Fields = z.ZodObject

/** A body, or the content of an answer: media type -> schema. */
export type Content = Readonly<Record<string, z.ZodType>>

export interface Success {
  status: 200 | 201 | 202 | 204
  description: string
  content?: Content
  headers?: readonly HeaderName[]
  /** Requests that take their `id` from this one, by a runtime expression of OpenAPI. */
  links?: { id: string; to: readonly string[] }
}

export interface Operation {
  method: Method
  /** Below the relay's address, with `{name}` for each parameter. */
  path: string
  /** A name for programs that generate clients. */
  id: string
  summary: string
  /** Sentences in Markdown. */
  description?: string
  caller: Caller
  /** Only a relay on one's own machine has it. */
  isLocal?: boolean
  parameters?: Fields
  query?: Fields
  /** Request headers besides `Authorization`. */
  headers?: Fields
  body?: Content
  answers: readonly Success[]
  /** Codes of its refusals, besides those of `refusalsOf`. */
  refusals?: readonly ErrorCode[]
  /** The form of the original service: refusals are plain text. */
  plain?: readonly { status: number; description: string }[]
}

/** Headers of answers, in words. */
export const HEADERS = {
  'Idempotent-Replayed': '`true`: this is the answer to an earlier request with the same key.',
  'RateLimit-Policy':
    'The limits that this request counts for (draft-ietf-httpapi-ratelimit-headers).',
  RateLimit: 'How much of each limit is left, and the seconds until it is whole again.',
  'Retry-After': 'Seconds after which to try again.',
} as const
export type HeaderName = keyof typeof HEADERS

const ANY: readonly ErrorCode[] = ['bad_request', 'wrong_host', 'internal', 'storage']
const TOKEN: readonly ErrorCode[] = ['no_token', 'bad_token', 'not_granted', 'hub_away']
const BODY: readonly ErrorCode[] = ['unsupported_type', 'too_large']

/** All codes of an operation's refusals. */
export function refusalsOf(operation: Operation): ErrorCode[] {
  const { caller, body, refusals = [] } = operation
  return [
    ...new Set([
      ...ANY,
      ...(caller === 'anyone' ? [] : TOKEN),
      ...(caller === 'reader' ? (['bad_key'] as const) : []),
      ...(body ? BODY : []),
      ...refusals,
    ]),
  ].toSorted((a, b) => CODES[a].status - CODES[b].status || a.localeCompare(b))
}
