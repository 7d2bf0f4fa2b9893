// Answers what is no HTTP request, or not a whole one: Node's own answers have no body. There is no
// request that the app could see, so the answer is written to the connection itself.
import { STATUS_CODES } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'

import { CODES } from '../post/contract/sentence.ts'
import type { ErrorCode } from '../post/contract/sentence.ts'

/** Node's codes -> what is wrong. */
const KNOWN: Readonly<Record<string, readonly [code: ErrorCode, detail: string]>> = {
  HPE_HEADER_OVERFLOW: [
    'headers_too_large',
    'The address and the headers together are larger than 16 kB; send fewer of them, or shorter ones',
  ],
  HPE_CHUNK_EXTENSIONS_OVERFLOW: ['too_large', 'The extensions of the chunks are too large'],
  ERR_HTTP_REQUEST_TIMEOUT: ['too_slow', 'The request did not arrive in time; send it again'],
}

/** The request of a connection that is being answered. */
export interface Current {
  request: IncomingMessage
  response: ServerResponse
}

export function answerBroken(
  error: NodeJS.ErrnoException,
  socket: Duplex,
  current: Current | undefined,
): void {
  // What is broken is the request after this one.
  if (current?.request.complete === true) {
    current.response.once('close', () => answerBroken(error, socket, undefined))
    return
  }
  const isAnswered = current?.response.headersSent === true
  if (error.code === 'ECONNRESET' || !socket.writable || isAnswered) {
    socket.destroy()
    return
  }
  const [code, detail] = KNOWN[error.code ?? ''] ?? [
    'bad_request',
    'This is no HTTP request that the relay can read; is https:// meant?',
  ]
  const { status, title } = CODES[code]
  const body = JSON.stringify({ type: 'about:blank', title, status, detail, code })
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`,
    'Content-Type: application/problem+json; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Cache-Control: no-store',
    'X-Content-Type-Options: nosniff',
    'Connection: close',
  ]
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`)
}
