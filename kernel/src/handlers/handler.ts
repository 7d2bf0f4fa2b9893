// What a handler is: a request in, the content of its reply out. It sends no reply and no status of its own, and may throw.
import type { Channel } from '../channels/channels.ts'
import type { Message } from '../protocol/message.ts'

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

/** A request that this kernel does not know, or not on this channel. */
export class UnsupportedRequestError extends Error {
  override name = 'UnsupportedRequestError'
}
