// JSON from strangers: its depth is checked before it is parsed, then a schema checks it and names
// the wrong field.
import type { z } from 'zod'

import { RelayError } from '../errors.ts'

/** A post's manifest has 5 levels. Deeper text is not ours, and each level costs memory. */
const MOST_NESTED = 32

/** @throws {RelayError} `bad_request`, which names the field */
export function parseJson<T>(schema: z.ZodType<T>, text: string, where: string): T {
  if (nestsDeeper(text, MOST_NESTED)) {
    throw new RelayError(
      'bad_request',
      `Expected JSON in ${where} that nests ${MOST_NESTED} levels at most`,
    )
  }
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch (cause) {
    const why = Error.isError(cause) ? cause.message : ''
    throw new RelayError('bad_request', `Expected JSON in ${where}: ${why}`, { cause })
  }
  const parsed = schema.safeParse(json)
  if (parsed.success) return parsed.data
  const issue = parsed.error.issues[0]
  const path = issue?.path.join('.') || 'the value'
  throw new RelayError(
    'bad_request',
    `In ${where}, ${path}: ${issue?.message ?? 'not as expected'}`,
  )
}

/** Whether JSON text nests deeper, in one pass. For text that is not JSON the parser will tell. */
function nestsDeeper(text: string, most: number): boolean {
  let depth = 0
  let inString = false
  for (let index = 0; index < text.length; index++) {
    const character = text.charCodeAt(index)
    if (inString) {
      if (character === BACKSLASH) index++
      else if (character === QUOTE) inString = false
    } else if (character === QUOTE) inString = true
    else if (character === OPEN_ARRAY || character === OPEN_OBJECT) {
      if (++depth > most) return true
    } else if (character === CLOSE_ARRAY || character === CLOSE_OBJECT) depth--
  }
  return false
}

const [QUOTE, BACKSLASH, OPEN_ARRAY, CLOSE_ARRAY, OPEN_OBJECT, CLOSE_OBJECT] = [
  0x22, 0x5c, 0x5b, 0x5d, 0x7b, 0x7d,
]
