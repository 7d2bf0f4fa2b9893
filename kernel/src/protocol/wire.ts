// Frames <-> messages, and who may talk to us: only here are signatures and replays checked.
// https://jupyter-client.readthedocs.io/en/stable/messaging.html#the-wire-protocol
import { Buffer } from 'node:buffer'
import { createHmac, timingSafeEqual } from 'node:crypto'
import { isObject, toJson } from './json.ts'
import { parseHeader } from './message.ts'
import type { Message, Outgoing } from './message.ts'

/** `[identity..., "<IDS|MSG>", hmac, header, parent_header, metadata, content, buffer...]` */
const DELIMITER = Buffer.from('<IDS|MSG>')
const JSON_FRAMES = ['header', 'parent_header', 'metadata', 'content'] as const

/** Signatures remembered to recognise a replay; as many as jupyter_client remembers. */
const REPLAY_MEMORY = 65_536

/** Frames that are not a message for us: dropped. The reason is logged and quotes no content. */
export class WireError extends Error {
  override name = 'WireError'
}

export interface Wire {
  encode(message: Outgoing): Uint8Array[]
  /** @throws {WireError} if the frames are malformed, not signed with our key, or came before. */
  decode(frames: readonly Uint8Array[]): Message
}

/**
 * @param key - From the connection file; '' turns signing off: we send an empty signature and
 *   accept any.
 * @param hash - Name of the HMAC's hash: the part of `signature_scheme` after `hmac-`.
 */
export function createWire(key: string, hash: string): Wire {
  const seen = new Set<string>()

  /** Signs the four JSON frames exactly as they are on the wire; buffers are not signed. */
  function sign(frames: readonly Uint8Array[]): string {
    if (key === '') return ''
    const hmac = createHmac(hash, key)
    for (const frame of frames) hmac.update(frame)
    return hmac.digest('hex')
  }

  function check(signature: Uint8Array, signed: readonly Uint8Array[]): void {
    if (key === '') return
    const expected = Buffer.from(sign(signed))
    // Compared as bytes, so upper-case hex is wrong. The time taken may reveal only the length.
    if (signature.length !== expected.length || !timingSafeEqual(signature, expected)) {
      throw new WireError(
        'the signature is wrong: is the client using the key of this connection file?',
      )
    }
    const digest = expected.toString('latin1')
    if (seen.has(digest)) throw new WireError('the same message came before (replay)')
    seen.add(digest)
    if (seen.size > REPLAY_MEMORY) for (const oldest of seen.values().take(1)) seen.delete(oldest)
  }

  return {
    encode(message) {
      const body = [
        Buffer.from(toJson(message.header)),
        Buffer.from(message.parentJson),
        Buffer.from(toJson(message.metadata)),
        Buffer.from(toJson(message.content)),
      ]
      const signature = Buffer.from(sign(body))
      return [...message.identities, DELIMITER, signature, ...body, ...message.buffers]
    },

    decode(frames) {
      const at = frames.findIndex((frame) => DELIMITER.equals(frame))
      if (at < 0) throw new WireError(`no <IDS|MSG> delimiter in ${frames.length} frames`)
      const [signature, ...rest] = frames.slice(at + 1)
      const [header, parent, metadata, content, ...buffers] = rest
      if (!signature || !header || !parent || !metadata || !content) {
        throw new WireError(
          `${rest.length} frames after the signature, expected ${JSON_FRAMES.join(', ')}`,
        )
      }
      check(signature, [header, parent, metadata, content])
      return read(frames.slice(0, at), { header, parent, metadata, content, buffers })
    },
  }
}

interface Parts {
  header: Uint8Array
  parent: Uint8Array
  metadata: Uint8Array
  content: Uint8Array
  buffers: Uint8Array[]
}

function read(identities: Uint8Array[], parts: Parts): Message {
  const headerJson = decodeUtf8(parts.header)
  const header = parseHeader(parse(headerJson, 'header'))
  if (typeof header === 'string') throw new WireError(header)
  const parent = parse(decodeUtf8(parts.parent), 'parent_header')
  const metadata = parse(decodeUtf8(parts.metadata), 'metadata')
  const parentId = isObject(parent) && typeof parent['msg_id'] === 'string' ? parent['msg_id'] : ''
  return {
    identities,
    header,
    headerJson,
    parentId,
    metadata: isObject(metadata) ? metadata : {},
    ...readContent(parts.content),
    buffers: parts.buffers,
  }
}

/** The header tells whom to answer, so even bad content gets an error reply. */
function readContent(frame: Uint8Array): Pick<Message, 'content' | 'contentFault'> {
  try {
    const content: unknown = JSON.parse(decodeUtf8(frame))
    if (isObject(content)) return { content }
    const what = content === null ? 'null' : Array.isArray(content) ? 'a list' : typeof content
    return { content: {}, contentFault: `content must be a JSON object, got ${what}` }
  } catch {
    // SyntaxError of JSON.parse: its message would quote the content.
    return { content: {}, contentFault: 'content is not JSON' }
  }
}

function parse(text: string, part: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // SyntaxError of JSON.parse: its message would quote the frame.
    throw new WireError(`${part} is not JSON`)
  }
}

/** Invalid UTF-8 becomes U+FFFD, so that what we send back as parent is valid. */
function decodeUtf8(frame: Uint8Array): string {
  return Buffer.from(frame.buffer, frame.byteOffset, frame.byteLength).toString('utf8')
}
