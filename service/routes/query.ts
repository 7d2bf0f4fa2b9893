// Reads the query of an address by its schema. A parameter that is unknown, comes twice or has a
// wrong percent-encoding is refused: a filter with a typing mistake must not list everything.
import type { Request } from 'express'
import type { z } from 'zod'

import { RelayError } from '../errors.ts'

const MOST_QUOTED = 80

/** @throws {RelayError} `bad_request`, which names the parameter */
export function readQuery<T>(schema: z.ZodType<T>, request: Request): T {
  const sent = parameters(request.url)
  const read = schema.safeParse(Object.fromEntries(sent))
  if (read.success) return read.data
  const [issue] = read.error.issues
  const words = issue?.message ?? 'not as expected'
  const name = String(issue?.path[0] ?? '')
  const got = sent.get(name)
  if (got === undefined) throw wrong(name === '' ? words : `${name}: ${words}`)
  throw wrong(`${name}: ${words}, got ${JSON.stringify(got.slice(0, MOST_QUOTED))}`)
}

function parameters(url: string): Map<string, string> {
  const mark = url.indexOf('?')
  const read = new Map<string, string>()
  const parts = mark < 0 ? [] : url.slice(mark + 1).split('&')
  for (const part of parts.filter((one) => one !== '')) {
    const equals = part.indexOf('=')
    const name = decoded(equals < 0 ? part : part.slice(0, equals))
    if (read.has(name)) throw wrong(`${name} came twice`)
    read.set(name, equals < 0 ? '' : decoded(part.slice(equals + 1)))
  }
  return read
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch {
    // A URIError. The text is not quoted as it is: it is no UTF-8.
    throw wrong('expected percent-encoded UTF-8')
  }
}

function wrong(words: string): RelayError {
  return new RelayError('bad_request', `In the query of the address: ${words}`)
}
