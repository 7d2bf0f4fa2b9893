// What is known of a request that is refused, for the log and the audit trail. Routes note what was
// asked as soon as they have read it; the rest is known from the request.
import type { Request, Response } from 'express'

import type { RelayError } from '../errors.ts'
import { callerOf } from './guard.ts'

/** A request that the relay refused, or could not serve. */
export interface Refusal {
  /** '' if it is not known who asked. */
  person: string
  origin: string | undefined
  /** As typed; none if the request was refused before it was read. */
  targets: readonly string[]
  /** The id of the post, or the key under which its sender knows it. */
  post: string | undefined
  /** Without the query, which may have a token that belongs elsewhere. */
  path: string
  /** The code of the refusal. */
  rule: RelayError['code']
}

export type TellRefusal = (refusal: Refusal) => void

const ID = /^[0-9a-f-]{36}$/
const KEY = /^[\x21-\x7e]{1,200}$/

const targets = new WeakMap<Response, readonly string[]>()

export function noteTargets(response: Response, typed: readonly string[]): void {
  targets.set(response, typed)
}

export function refusalOf({ code }: RelayError, request: Request, response: Response): Refusal {
  const { name = '', origin } = callerOf(response) ?? {}
  return {
    person: name,
    origin,
    targets: targets.get(response) ?? [],
    post: postIn(request),
    path: request.path,
    rule: code,
  }
}

/** A handler of errors sees no parameters of a route, so the id is taken from the path. */
function postIn(request: Request): string | undefined {
  const words = request.path.split('/')
  const id = words[words.indexOf('posts') + 1] ?? ''
  if (words.includes('posts') && ID.test(id)) return id
  const key = request.get('Idempotency-Key') ?? ''
  return KEY.test(key) ? key : undefined
}
