// The one error handler: every failure becomes an RFC 9457 problem document, which is sent when the
// rest of the body was read.
import type { NextFunction, Request, Response } from 'express'

import { messageOf } from '../../post/contract/error.ts'
import type { Problem } from '../../post/contract/schema.ts'
import type { Log } from '../log.ts'
import { CODES } from '../../post/contract/sentence.ts'
import { RelayError } from '../errors.ts'
import { drain } from './body.ts'
import { refusalOf } from './refused.ts'
import type { TellRefusal } from './refused.ts'

/** Express recognizes an error handler by its four parameters. */
export function problemHandler(log: Log, tell?: TellRefusal) {
  return (error: unknown, request: Request, response: Response, _next: NextFunction): void => {
    void answer(error, request, response, { log, tell })
  }
}

async function answer(
  error: unknown,
  request: Request,
  response: Response,
  { log, tell }: { log: Log; tell: TellRefusal | undefined },
): Promise<void> {
  const refused = asRelayError(error)
  logFailure(refused, request, log)
  if (response.headersSent) {
    response.destroy()
    return
  }
  await prepareRefusal(refused, request, response, { tell })
  response
    .status(refused.status)
    .type('application/problem+json')
    .send(JSON.stringify(problem(refused)))
}

/**
 * What every refusal needs, whatever its form: the body is read to its end, and a header says when
 * to try again. Failures that the sender cannot help (503, 507) are logged for the admin.
 */
export async function prepareRefusal(
  refused: RelayError,
  request: Request,
  response: Response,
  { tell, drainMs }: { tell: TellRefusal | undefined; drainMs?: number },
): Promise<void> {
  tell?.(refusalOf(refused, request, response))
  if (refused.status >= 500 && refused.code !== 'internal') {
    const { code, message: detail } = refused
    request.log.warn({ code, detail, cause: causeOf(refused), path: request.path }, 'refused')
  }
  if (!(await drain(request, drainMs))) response.set('Connection', 'close')
  if (refused.retryAfter !== undefined) response.set('Retry-After', String(refused.retryAfter))
}

/** Logs a failure of our own, whose answer says nothing of it. */
export function logFailure({ code, cause }: RelayError, request: Request, log: Log): void {
  if (code !== 'internal') return
  const error = messageOf(cause)
  log.error({ error, stack: stackOf(cause), path: request.path }, 'request failed')
}

function problem(refused: RelayError): Problem {
  return {
    type: 'about:blank',
    title: CODES[refused.code].title,
    status: refused.status,
    detail: refused.message,
    code: refused.code,
    ...(refused.nearest.length > 0 && { nearest: refused.nearest }),
  }
}

export function asRelayError(error: unknown): RelayError {
  if (error instanceof RelayError) return error
  const status = statusOf(error)
  // Express sets 400 on the URIError of a wrong percent-encoding.
  if (Error.isError(error) && error.name === 'URIError') {
    return new RelayError('bad_request', 'Expected percent-encoded UTF-8 in the address')
  }
  if (status === 413) {
    return new RelayError('too_large', 'The body is larger than this address accepts')
  }
  if (status !== undefined && status >= 400 && status < 500) {
    return new RelayError('bad_request', messageOf(error))
  }
  return new RelayError('internal', 'The relay failed; its log says why', { cause: error })
}

/** Express's parsers set `status` on their errors. */
function statusOf(error: unknown): number | undefined {
  if (!Error.isError(error) || !('status' in error)) return undefined
  return typeof error.status === 'number' ? error.status : undefined
}

/** The innermost cause: below `fetch failed` there is the system's error. */
function causeOf(error: Error): string | undefined {
  let cause = error.cause
  while (Error.isError(cause) && Error.isError(cause.cause)) cause = cause.cause
  if (!Error.isError(cause)) return undefined
  // Only the code or name: messages may quote what came, or an address with its password.
  return 'code' in cause && typeof cause.code === 'string' ? cause.code : cause.name
}

function stackOf(error: unknown): string | undefined {
  return Error.isError(error) ? error.stack : undefined
}
