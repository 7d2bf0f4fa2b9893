// Finds out who is asking, before anything else of a request is looked at.
import type { RequestHandler, Response } from 'express'

import type { Person } from '../chat/chat.ts'
import { addressOf } from '../hub/address.ts'
import type { Gate, Use } from '../hub/gate.ts'

/** Remembers the person for the response. @param seen - Called with everyone who got in. */
export function guard(
  gate: Gate,
  use: Use,
  seen: (person: Person) => Promise<void>,
): RequestHandler {
  return async (request, response, next) => {
    const person = await gate.identify(request.headers, use, addressOf(request))
    await seen(person)
    people.set(response, person)
    next()
  }
}

const people = new WeakMap<Response, Person>()

/** Undefined if it is not known who asks. */
export function callerOf(response: Response): Person | undefined {
  return people.get(response)
}

/** @throws {Error} if the route has no guard, which would be a bug. */
export function personOf(response: Response): Person {
  const person = people.get(response)
  if (!person) throw new Error('This route has no guard')
  return person
}
