// Every request's frame: busy, handler, exactly one reply, idle, also when the handler throws. No handler sends its own reply or
// status, and only `answer` turns a throw into an error reply.
import type { Iopub } from './channels/iopub.ts'
import type { Log } from './channels/log.ts'
import type { Channel } from './channels/router.ts'
import { ContentError } from './protocol/content.ts'
import type { ErrorContent } from './protocol/mimebundle.ts'
import { isRequest, replyTo } from './protocol/message.ts'
import type { Message } from './protocol/message.ts'

export interface Request {
  message: Message
  channel: Channel
}

export interface Reply {
  content: Record<string, unknown>
  metadata?: Record<string, unknown>
}

/** Undefined only for one-way messages (`comm_*`). A throw becomes the error reply. */
export type Handler = (request: Request) => Promise<Reply | undefined> | Reply | undefined

export interface DispatchPorts {
  iopub: Iopub
  session: string
  log: Log
}

/** A request that this kernel does not know, or not on this channel. */
export class UnsupportedRequestError extends Error {
  override name = 'UnsupportedRequestError'
}

/** @returns The reply that was sent, undefined for a one-way message. */
export async function dispatch(
  request: Request,
  handler: Handler,
  { iopub, session, log }: DispatchPorts,
): Promise<Reply | undefined> {
  const { message, channel } = request
  iopub.status('busy', message)
  try {
    const reply = await answer(request, handler, log)
    // Text first: the reply and idle promise that all output is out (messaging spec, Request-Reply).
    iopub.flush(message)
    if (!isRequest(message)) return undefined
    channel.send(replyTo(message, session, reply.content, reply.metadata))
    return reply
  } finally {
    iopub.status('idle', message)
  }
}

async function answer(request: Request, handler: Handler, log: Log): Promise<Reply> {
  const { header, contentFault } = request.message
  try {
    if (contentFault !== undefined) throw new ContentError(contentFault)
    return (await handler(request)) ?? { content: { status: 'ok' } }
  } catch (error) {
    const content = errorContent(error)
    log(`${header.msg_type.slice(0, 80)} failed: ${content.ename}`)
    return { content: { status: 'error', ...content } }
  }
}

/** What a person sees of an error of the kernel's own: name and sentence, no stack. */
export function errorContent(error: unknown): ErrorContent {
  const isError = Error.isError(error)
  const ename = isError ? error.name : 'Error'
  const evalue = isError ? error.message : String(error)
  return { ename, evalue, traceback: [`${ename}: ${evalue}`] }
}

/** The handler of every type that is in no table: `x_request` gets `x_reply` with an error, other types get busy and idle only. */
export function unknownType({ message }: Request): undefined {
  if (!isRequest(message)) return undefined
  throw new UnsupportedRequestError(
    `this kernel does not know ${message.header.msg_type.slice(0, 80)}`,
  )
}
