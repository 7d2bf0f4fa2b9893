// What a body may be: its media type, charset and coding are looked at before it is read.
import { MIMEType } from 'node:util'
import type { RequestHandler } from 'express'

import { RelayError } from '../errors.ts'

const JSON_TYPE = 'application/json'

/** Refuses bodies of other types, JSON that is not in UTF-8, and compressed bodies. */
export function bodyType(...types: readonly string[]): RequestHandler {
  const expected = types.join(' or ')
  return (request, response, next) => {
    const coding = request.headers['content-encoding']
    if (coding !== undefined && coding.trim().toLowerCase() !== 'identity') {
      // What is compressed could expand without bound.
      response.set('Accept-Encoding', 'identity')
      throw refused(`a body without Content-Encoding, got ${JSON.stringify(coding)}`)
    }
    const type = mediaType(request.headers['content-type'])
    if (!type || !types.includes(type.essence)) {
      response.set('Accept', types.join(', '))
      const got = JSON.stringify(request.headers['content-type'] ?? 'none')
      throw refused(`a body with the Content-Type ${expected}, got ${got}`)
    }
    const charset = type.params.get('charset')
    if (type.essence === JSON_TYPE && charset !== null && !/^utf-?8$/i.test(charset)) {
      response.set('Accept', types.join(', '))
      throw refused(`JSON in UTF-8, got the charset ${JSON.stringify(charset)}`)
    }
    next()
  }
}

function mediaType(header: string | undefined): MIMEType | undefined {
  if (header === undefined) return undefined
  try {
    return new MIMEType(header)
  } catch {
    return undefined // ERR_INVALID_MIME_SYNTAX
  }
}

function refused(words: string): RelayError {
  return new RelayError('unsupported_type', `Expected ${words}`)
}
