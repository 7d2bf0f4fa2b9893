// Who asks, before anything else is looked at.
import type { RequestHandler, Response } from 'express'

import type { Person } from '../chat/chat.ts'
import type { Gate, Use } from '../hub/gate.ts'

/** Puts the person on the response. `seen` is told of everyone who got in. */
export function guard(
  gate: Gate,
  use: Use,
  seen: (person: Person) => Promise<void>,
): RequestHandler {
  return async (request, response, next) => {
    const person = await gate.identify(request.headers, use)
    await seen(person)
    people.set(response, person)
    next()
  }
}

const people = new WeakMap<Response, Person>()

/** @throws {Error} if the route has no guard, which is a bug of ours. */
export function personOf(response: Response): Person {
  const person = people.get(response)
  if (!person) throw new Error('This route has no guard')
  return person
}
