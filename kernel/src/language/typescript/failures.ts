// Why a question to the server failed: the server is gone, it has no answer, or we asked wrongly.
import { ConnectionError, ErrorCodes, ResponseError } from 'vscode-jsonrpc/node'

export type Failure = 'gone' | 'no answer' | 'ours'

/** What the server says to a request that it does not understand. */
const MISUNDERSTOOD: ReadonlySet<number> = new Set([
  ErrorCodes.ParseError,
  ErrorCodes.InvalidRequest,
  ErrorCodes.MethodNotFound,
  ErrorCodes.InvalidParams,
])
/** Between our write and the end of a process, its pipe or socket is what breaks. */
const BROKEN: ReadonlySet<unknown> = new Set([
  'EPIPE',
  'ECONNRESET',
  'ECONNREFUSED',
  'ENOENT',
  'ERR_STREAM_DESTROYED',
  'ERR_STREAM_WRITE_AFTER_END',
])

export function failureOf(error: unknown): Failure {
  if (error instanceof ResponseError) {
    if (error.code === ErrorCodes.PendingResponseRejected) return 'gone'
    // The server itself fails at some of what is half typed: `panic`.
    return MISUNDERSTOOD.has(error.code) ? 'ours' : 'no answer'
  }
  if (error instanceof ConnectionError) return 'gone'
  return Error.isError(error) && 'code' in error && BROKEN.has(error.code) ? 'gone' : 'ours'
}
