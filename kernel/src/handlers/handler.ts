// A handler takes a request and returns the content of its reply. It sends no reply and no status
// itself, and may throw.
import type { Channel } from '../channels/channels.ts'
import type { Message } from '../protocol/message.ts'

export interface Request {
  message: Message
  channel: Channel
}

export interface Reply {
  content: Record<string, unknown>
  metadata?: Record<string, unknown>
  /** What is still to be shown before the request has ended, in bounded time. */
  after?: Promise<void>
}

/** Undefined only for one-way messages (`comm_*`). If it throws, the reply is an error. */
export type Handler = (request: Request) => Promise<Reply | undefined> | Reply | undefined

/** A request that this kernel does not know, or that belongs on another channel. */
export class UnsupportedRequestError extends Error {
  override name = 'UnsupportedRequestError'
}
