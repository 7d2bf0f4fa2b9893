// iopub: what all clients see. Stream text is gathered and sent in few messages, but always before
// any other message of the same cell, so that no output overtakes text written before it.
import type { Backlog } from './backlog.ts'
import type { Log } from './log.ts'
import type { AdmittingPublisher } from './publisher.ts'
import { Sender } from './sender.ts'
import type { Parent } from '../protocol/message.ts'
import { newMessage } from '../protocol/message.ts'
import type { Wire } from '../protocol/wire.ts'

/** ms to gather text: a front end draws 20 messages a second; the server's rate limit is higher. */
const GATHER = 50
/** Text of this many UTF-16 units is sent at once: below the server's data limit, bounds memory. */
const GATHER_SIZE = 256 * 1024

export type StreamName = 'stdout' | 'stderr'

interface Gathered {
  parent: Parent
  name: StreamName
  text: string
}

export interface PublishParts {
  metadata?: Record<string, unknown>
  buffers?: Uint8Array[]
}

export interface IopubPorts {
  socket: AdmittingPublisher
  wire: Wire
  session: string
  log: Log
  backlog: Backlog
}

/** A message about to be sent, under its topic. */
interface Published {
  topic: string
  msgType: string
  content: Record<string, unknown>
  parent?: Parent | undefined
  parts?: PublishParts
}

export class Iopub {
  readonly #socket: AdmittingPublisher
  readonly #wire: Wire
  readonly #session: string
  readonly #sender: Sender
  readonly #backlog: Backlog
  /** By the msg_id of the request that caused the text. */
  readonly #gathered = new Map<string, Gathered>()
  #timer: NodeJS.Timeout | undefined

  constructor({ socket, wire, session, log, backlog }: IopubPorts) {
    this.#socket = socket
    this.#wire = wire
    this.#session = session
    this.#sender = new Sender(socket, 'iopub', log)
    this.#backlog = backlog
  }

  /** A client does not read and much waits for it: leave out big messages. */
  get isFull(): boolean {
    return this.#backlog.isFull
  }

  /** Any message except a stream's. Text that the same request wrote before it goes first. */
  publish(
    msgType: string,
    content: Record<string, unknown>,
    parent?: Parent,
    parts: PublishParts = {},
  ): void {
    if (parent) this.flush(parent)
    const topic = `kernel.${this.#session}.${msgType}`
    this.#send({ topic, msgType, content, parent, parts })
  }

  /** `starting` exactly once and without parent; `busy` and `idle` around each request. */
  status(state: 'starting' | 'busy' | 'idle', parent?: Parent): void {
    this.publish('status', { execution_state: state }, parent)
  }

  stream(name: StreamName, text: string, parent: Parent): void {
    const id = parent.header.msg_id
    const before = this.#gathered.get(id)
    if (before && before.name !== name) this.flush(parent)
    const gathered = this.#gathered.get(id) ?? { parent, name, text: '' }
    gathered.text += text
    this.#gathered.set(id, gathered)
    if (gathered.text.length >= GATHER_SIZE) this.#sendStream(id, gathered, true)
    this.#timer ??= setTimeout(() => this.#tick(), GATHER)
  }

  /** Sends what a request has written so far. */
  flush(parent: Parent): void {
    const id = parent.header.msg_id
    const gathered = this.#gathered.get(id)
    if (gathered) this.#sendStream(id, gathered, false)
  }

  /**
   * Answers each subscription with `iopub_welcome` (JEP 65): from then on a client misses nothing.
   * Resolves when the socket is closed.
   */
  async welcome(): Promise<void> {
    for await (const [frame] of this.#socket) {
      const topic = frame?.subarray(1) ?? Buffer.alloc(0)
      if (frame?.[0] === 0 && !this.#socket.closed) this.#socket.dismiss(topic)
      if (frame?.[0] !== 1) continue
      const subscription = decodeTopic(topic)
      const frames =
        subscription === undefined
          ? []
          : this.#frames({
              topic: subscription,
              msgType: 'iopub_welcome',
              content: { subscription },
            })
      // After all that was published before and before all that comes: the first message of the
      // subscription.
      this.#sender.send(frames, () => this.#socket.admit(topic))
      // zeromq admits the sender of the message received last, so wait before reading the next.
      await this.#sender.flushed()
    }
  }

  /** Sends all gathered text; resolves when everything was handed to zeromq. */
  async close(): Promise<void> {
    clearTimeout(this.#timer)
    this.#backlog.close()
    for (const [id, gathered] of this.#gathered) this.#sendStream(id, gathered, false)
    await this.#sender.flushed()
  }

  #tick(): void {
    this.#timer = undefined
    for (const [id, gathered] of this.#gathered) this.#sendStream(id, gathered, true)
  }

  /** @param more - More of this stream may come: half a surrogate pair at the end waits for it. */
  #sendStream(id: string, gathered: Gathered, more: boolean): void {
    const end = gathered.text.length
    const cut = more && isHighSurrogate(gathered.text.charCodeAt(end - 1)) ? end - 1 : end
    const text = gathered.text.slice(0, cut)
    gathered.text = gathered.text.slice(cut)
    if (gathered.text === '') this.#gathered.delete(id)
    if (text === '') return
    const topic = `kernel.${this.#session}.stream`
    const content = { name: gathered.name, text }
    this.#send({ topic, msgType: 'stream', content, parent: gathered.parent })
  }

  #send(published: Published): void {
    this.#sender.send(this.#frames(published))
  }

  #frames({ topic, msgType, content, parent, parts }: Published): Uint8Array[] {
    const identities = [Buffer.from(topic)]
    const message = newMessage(this.#session, msgType, content, { ...parts, parent, identities })
    const frames = this.#wire.encode(message)
    this.#backlog.add(frames)
    return frames
  }
}

function isHighSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff
}

/** Undefined for bytes that are not UTF-8: JSON cannot name such a topic. */
function decodeTopic(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    // TypeError: not UTF-8.
    return undefined
  }
}
