// The frame of every request: busy, handler, exactly one reply, idle, even if the handler throws.
// No handler sends its own reply or status; only `answer` turns a throw into an error reply.
import type { Iopub } from './channels/channels.ts'
import type { Log } from './channels/log.ts'
import { UnsupportedRequestError } from './handlers/handler.ts'
import type { Handler, Reply, Request } from './handlers/handler.ts'
import { ContentError } from './protocol/content.ts'
import { errorContent } from './protocol/error-content.ts'
import { isRequest, replyTo } from './protocol/message.ts'

export interface DispatchPorts {
  iopub: Iopub
  session: string
  log: Log
  /** Resolves when the next request cannot wait for what comes after a reply. */
  urged?: () => Promise<void>
}

/** @returns The reply that was sent, undefined for a one-way message. */
export async function dispatch(
  request: Request,
  handler: Handler,
  { iopub, session, log, urged }: DispatchPorts,
): Promise<Reply | undefined> {
  const { message, channel } = request
  iopub.status('busy', message)
  try {
    const reply = await answer(request, handler, log)
    // Text first: reply and idle promise that all output is out (messaging spec, Request-Reply).
    iopub.flush(message)
    if (!isRequest(message)) return undefined
    channel.send(replyTo(message, session, reply.content, reply.metadata))
    if (reply.after) {
      await Promise.race([reply.after, urged?.()])
      iopub.flush(message)
    }
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

/** For types that no table has: `x_request` gets an error `x_reply`, others only busy and idle. */
export function unknownType({ message }: Request): undefined {
  if (!isRequest(message)) return undefined
  throw new UnsupportedRequestError(
    `this kernel does not know ${message.header.msg_type.slice(0, 80)}`,
  )
}
