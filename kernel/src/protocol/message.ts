// A Jupyter message, received or to be sent, and the two ways to make one. Only `replyTo` names a
// reply type.
// https://jupyter-client.readthedocs.io/en/stable/messaging.html#general-message-format
import { randomUUID } from 'node:crypto'
import { isObject } from './json.ts'

/** Version of the messaging spec we write in headers. */
export const PROTOCOL_VERSION = '5.5'

/** What we rely on in a received header; every other key is kept in `headerJson`. */
export interface Header {
  msg_id: string
  msg_type: string
}

/** A message whose signature is right and whose header can be answered. */
export interface Message {
  /** Routing ids, in order; a reply carries all of them. */
  identities: Uint8Array[]
  header: Header
  /** The header as it came: the `parent_header` of every message that this one causes. */
  headerJson: string
  /** `msg_id` of the parent, '' if there is none. */
  parentId: string
  metadata: Record<string, unknown>
  content: Record<string, unknown>
  /** Why `content` is empty although something was sent: it was not a JSON object. */
  contentFault?: string
  buffers: Uint8Array[]
}

/** What a sent message needs of the one it answers. */
export type Parent = Pick<Message, 'header' | 'headerJson'>

/** Parts of a message before it becomes frames. */
export interface Outgoing {
  /** Routing ids, or the one topic on iopub. */
  identities: Uint8Array[]
  header: OutgoingHeader
  /** JSON text, `{}` if nothing caused it (never null). */
  parentJson: string
  metadata: Record<string, unknown>
  content: Record<string, unknown>
  buffers: Uint8Array[]
}

export interface OutgoingHeader extends Record<string, unknown> {
  msg_id: string
  msg_type: string
  /** One for each kernel process: by it clients see a restart. */
  session: string
  username: string
  /** ISO 8601, UTC. */
  date: string
  version: string
}

export interface OutgoingParts {
  parent?: Parent | undefined
  identities?: Uint8Array[]
  metadata?: Record<string, unknown>
  buffers?: Uint8Array[]
}

/** A new message of `session`, now. */
export function newMessage(
  session: string,
  msgType: string,
  content: Record<string, unknown>,
  parts: OutgoingParts = {},
): Outgoing {
  return {
    identities: parts.identities ?? [],
    header: {
      msg_id: randomUUID(),
      msg_type: msgType,
      session,
      username: 'kernel',
      date: new Date().toISOString(),
      version: PROTOCOL_VERSION,
    },
    parentJson: parts.parent?.headerJson ?? '{}',
    metadata: parts.metadata ?? {},
    content,
    buffers: parts.buffers ?? [],
  }
}

/** The reply to an `x_request`: an `x_reply` with its routing ids and its header as parent. */
export function replyTo(
  request: Message,
  session: string,
  content: Record<string, unknown>,
  metadata: Record<string, unknown> = {},
): Outgoing {
  return newMessage(session, request.header.msg_type.replace(/_request$/, '_reply'), content, {
    parent: request,
    identities: request.identities,
    metadata,
  })
}

/** Whether the sender waits for a reply. */
export function isRequest(message: Message): boolean {
  return message.header.msg_type.endsWith('_request')
}

/** A received header, or the reason why nobody could be answered. */
export function parseHeader(value: unknown): Header | string {
  if (!isObject(value)) return 'header is not a JSON object'
  const { msg_id: id, msg_type: type } = value
  if (typeof id !== 'string' || id === '') return 'header has no msg_id'
  // A type that is not a string has no handler: busy and idle only, as for an unknown type
  // (bad-input rows 21-25).
  if (type === undefined || type === null || type === '') return 'header has no msg_type'
  return { msg_id: id, msg_type: typeof type === 'string' ? type : `(${typeof type})` }
}
