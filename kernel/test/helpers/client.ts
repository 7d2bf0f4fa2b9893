// A real client: signs, connects DEALER, SUB and REQ sockets, and waits for messages, never for
// time. It checks every signature, and every message with @jupyterlab/services' validator.
import { createHmac, randomUUID } from 'node:crypto'
import { validateMessage } from '@jupyterlab/services/lib/kernel/validate.js'
import { Dealer, Request, Subscriber, curveKeyPair } from 'zeromq'
import type { ChannelName, ConnectionInfo } from '../../src/protocol/connection.ts'
import { endpoint } from '../../src/protocol/connection.ts'
import { isObject } from '../../src/protocol/json.ts'

export interface Received {
  channel: 'shell' | 'control' | 'stdin' | 'iopub'
  header: Record<string, unknown> & { msg_id: string; msg_type: string }
  parent: Record<string, unknown>
  metadata: Record<string, unknown>
  content: Record<string, unknown>
  buffers: Buffer[]
  /** Only on iopub. */
  topic: string
}

export interface Answer {
  reply: Received
  /** All iopub messages whose parent is the request, from busy to idle. */
  iopub: Received[]
}

type RequestChannel = 'shell' | 'control' | 'stdin'
type Wanted = (message: Received) => boolean

/** ms after which a wait fails: reached only because of a bug. */
const PATIENCE = 15_000

const DELIMITER = '<IDS|MSG>'

export class Client {
  readonly received: Received[] = []
  readonly session = randomUUID()
  readonly info: ConnectionInfo
  readonly #sockets: Record<RequestChannel, Dealer>
  readonly #iopub = new Subscriber({ linger: 0, receiveHighWaterMark: 0 })
  readonly #heartbeat = new Request({ linger: 0 })
  #waiting: Array<() => void> = []
  #fault: unknown

  /** @param identity - Routing id of its sockets; clients with the same id cannot be told apart. */
  constructor(info: ConnectionInfo, identity: string = randomUUID()) {
    this.info = info
    const options = {
      linger: 0,
      routingId: identity,
      receiveHighWaterMark: 0,
      sendHighWaterMark: 0,
    }
    this.#sockets = {
      shell: new Dealer(options),
      control: new Dealer(options),
      stdin: new Dealer(options),
    }
  }

  /** Resolves when iopub is subscribed, which the welcome shows. */
  async connect(): Promise<this> {
    const connect = (socket: Dealer | Request | Subscriber, name: ChannelName): void => {
      if (this.info.curve) {
        const { publicKey, secretKey } = curveKeyPair()
        socket.curveServerKey = this.info.curve.publicKey
        socket.curvePublicKey = publicKey
        socket.curveSecretKey = secretKey
      }
      socket.connect(endpoint(this.info, name))
    }
    for (const name of ['shell', 'control', 'stdin'] as const) {
      connect(this.#sockets[name], name)
      void this.#read(name, this.#sockets[name])
    }
    connect(this.#heartbeat, 'hb')
    connect(this.#iopub, 'iopub')
    this.#iopub.subscribe()
    void this.#read('iopub', this.#iopub)
    await this.until((message) => message.header.msg_type === 'iopub_welcome')
    return this
  }

  /** Rejects all waits: no message will come. */
  close(): void {
    this.#fault ??= new Error('the client was closed')
    this.#wake()
    for (const socket of Object.values(this.#sockets)) socket.close()
    this.#iopub.close()
    this.#heartbeat.close()
  }

  header(msgType: string): Record<string, unknown> & { msg_id: string } {
    return {
      msg_id: randomUUID(),
      session: this.session,
      username: 'test',
      date: new Date().toISOString(),
      msg_type: msgType,
      version: '5.5',
    }
  }

  /** Frames after the routing id: delimiter, signature, four JSON frames of any text, buffers. */
  frames(parts: Array<string | Buffer>, buffers: Buffer[] = [], key = this.info.key): Buffer[] {
    const signed = parts.map((part) => Buffer.from(part))
    return [
      Buffer.from(DELIMITER),
      Buffer.from(sign(key, this.info.hash, signed)),
      ...signed,
      ...buffers,
    ]
  }

  sendFrames(channel: RequestChannel, frames: Buffer[]): Promise<void> {
    return this.#sockets[channel].send(frames)
  }

  /** Sends a well-formed message; returns its msg_id. */
  async send(
    msgType: string,
    content: Record<string, unknown> = {},
    options: {
      channel?: RequestChannel
      parent?: Record<string, unknown>
      metadata?: Record<string, unknown>
      buffers?: Buffer[]
    } = {},
  ): Promise<string> {
    const header = this.header(msgType)
    const parts = [header, options.parent ?? {}, options.metadata ?? {}, content]
    await this.sendFrames(
      options.channel ?? 'shell',
      this.frames(
        parts.map((part) => JSON.stringify(part)),
        options.buffers,
      ),
    )
    return header.msg_id
  }

  /** Sends a request and waits for its reply and its idle. */
  async ask(
    msgType: string,
    content: Record<string, unknown> = {},
    channel: RequestChannel = 'shell',
  ): Promise<Answer> {
    return this.answer(await this.send(msgType, content, { channel }))
  }

  execute(code: string, content: Record<string, unknown> = {}): Promise<Answer> {
    return this.ask('execute_request', { code, ...content })
  }

  /** Reply and iopub transcript of an earlier request. */
  async answer(msgId: string): Promise<Answer> {
    const reply = await this.until(
      (message) =>
        isChild(message, msgId) &&
        message.header.msg_type.endsWith('_reply') &&
        message.channel !== 'iopub',
    )
    return { reply, iopub: await this.transcript(msgId) }
  }

  /** The iopub messages about a request, once it is idle. */
  async transcript(msgId: string): Promise<Received[]> {
    await this.until(
      (message) => isChild(message, msgId) && message.content['execution_state'] === 'idle',
    )
    return this.received.filter((message) => message.channel === 'iopub' && isChild(message, msgId))
  }

  /** The first wanted message, already received or later. */
  async until(wanted: Wanted): Promise<Received> {
    const end = Date.now() + PATIENCE
    let seen = 0
    for (;;) {
      if (this.#fault !== undefined) throw this.#fault
      for (; seen < this.received.length; seen++) {
        const message = this.received[seen]
        if (message && wanted(message)) return message
      }
      if (Date.now() > end) {
        const types = this.received.map((message) => message.header.msg_type).slice(-20)
        throw new Error(`the message waited for did not come; the last were ${types.join(', ')}`)
      }
      await this.#next()
    }
  }

  async heartbeat(bytes: Buffer): Promise<Buffer> {
    await this.#heartbeat.send(bytes)
    const [echo] = await this.#heartbeat.receive()
    return echo ?? Buffer.alloc(0)
  }

  /** Resolves at the next message or after a while; then the caller looks again. */
  #next(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, 500)
      this.#waiting.push(() => {
        clearTimeout(timer)
        resolve()
      })
    })
  }

  async #read(channel: Received['channel'], socket: Dealer | Subscriber): Promise<void> {
    try {
      for await (const frames of socket) {
        this.received.push(this.#decode(channel, frames))
        this.#wake()
      }
    } catch (error) {
      this.#fault = error
      this.#wake()
    }
  }

  #wake(): void {
    for (const wake of this.#waiting.splice(0)) wake()
  }

  #decode(channel: Received['channel'], frames: Buffer[]): Received {
    const at = frames.findIndex((frame) => frame.toString('latin1') === DELIMITER)
    const [signature, header, parent, metadata, content, ...buffers] = frames.slice(at + 1)
    if (at < 0 || !signature || !header || !parent || !metadata || !content) {
      throw new Error(`the kernel sent ${frames.length} frames that are no message`)
    }
    const expected = sign(this.info.key, this.info.hash, [header, parent, metadata, content])
    if (signature.toString() !== expected) throw new Error('the kernel signed wrongly')
    const message: Received = {
      channel,
      header: headerOf(parse(header)),
      parent: parse(parent),
      metadata: parse(metadata),
      content: parse(content),
      buffers,
      topic: channel === 'iopub' && at > 0 ? String(frames[0]) : '',
    }
    // JupyterLab's client throws for any message that fails this check.
    const checked: unknown = { ...message, parent_header: message.parent }
    if (isAnything(checked)) validateMessage(checked)
    return message
  }
}

function isChild(message: Received, msgId: string): boolean {
  return message.parent['msg_id'] === msgId
}

function parse(frame: Buffer): Record<string, unknown> {
  const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(frame))
  if (!isObject(value)) throw new Error('the kernel sent JSON that is no object')
  return value
}

function headerOf(value: Record<string, unknown>): Received['header'] {
  const { msg_id, msg_type } = value
  if (typeof msg_id !== 'string' || typeof msg_type !== 'string') {
    throw new Error('the kernel sent a header without msg_id or msg_type')
  }
  return { ...value, msg_id, msg_type }
}

/** The validator finds out the type, so we claim it has it. */
function isAnything(_value: unknown): _value is Parameters<typeof validateMessage>[0] {
  return true
}

function sign(key: string, hash: string, frames: Buffer[]): string {
  if (key === '') return ''
  const hmac = createHmac(hash, key)
  for (const frame of frames) hmac.update(frame)
  return hmac.digest('hex')
}

/** Message types of a transcript, a status by its state: `busy`, `execute_input`, ..., `idle`. */
export function typesOf(messages: Received[]): string[] {
  return messages.map(({ header, content }) =>
    header.msg_type === 'status' ? String(content['execution_state']) : header.msg_type,
  )
}
