// Reads the text of a JSON body, to be parsed by whoever needs it. Most posts are one piece.
import { isUtf8 } from 'node:buffer'
import type { IncomingMessage } from 'node:http'

import { RelayError } from '../errors.ts'

/**
 * @param limit - Most bytes.
 * @throws {RelayError} `too_large`, `bad_request`
 */
export async function jsonText(request: IncomingMessage, limit: number): Promise<string> {
  const { 'content-encoding': coding = 'identity', 'content-type': type = '' } = request.headers
  // What is compressed could expand without bound.
  if (coding.toLowerCase() !== 'identity')
    throw new RelayError('bad_request', 'Expected a body without Content-Encoding')
  const charset = charsetOf(type)
  if (charset !== undefined && charset !== 'utf-8' && charset !== 'utf8')
    throw new RelayError('bad_request', 'Expected JSON in UTF-8')
  if (Number(request.headers['content-length']) > limit) throw tooLarge(limit)
  const bytes = await bodyOf(request, limit)
  if (!isUtf8(bytes)) throw new RelayError('bad_request', 'Expected JSON in UTF-8')
  return bytes.toString()
}

/** @throws {RelayError} `too_large`; `bad_request` if the sender went away */
async function bodyOf(request: IncomingMessage, limit: number): Promise<Buffer> {
  const pieces: Buffer[] = []
  let size = 0
  await new Promise<void>((resolve, reject) => {
    request.on('data', (piece: Buffer) => {
      size += piece.length
      // A body that comes in chunks does not say its size.
      if (size > limit) reject(tooLarge(limit))
      else pieces.push(piece)
    })
    request.on('end', resolve)
    request.on('close', () => {
      if (!request.readableEnded) reject(endedEarly())
    })
    request.on('error', (cause) =>
      reject(new RelayError('bad_request', `The body is broken: ${cause.message}`, { cause })),
    )
  })
  const [first] = pieces
  return first && pieces.length === 1 ? first : Buffer.concat(pieces)
}

function tooLarge(limit: number): RelayError {
  return new RelayError(
    'too_large',
    `The limit is ${limit} bytes of JSON, but the body is larger; send large content as files`,
  )
}

function endedEarly(): RelayError {
  return new RelayError('bad_request', 'The body is broken: it ended too early')
}

/** The parameter `charset` of a media type, in lower case. */
function charsetOf(type: string): string | undefined {
  if (!type.includes(';')) return undefined
  for (const parameter of type.split(';').slice(1)) {
    const [name = '', value = ''] = parameter.split('=')
    if (name.trim().toLowerCase() !== 'charset') continue
    return value.trim().replaceAll('"', '').toLowerCase()
  }
  return undefined
}
