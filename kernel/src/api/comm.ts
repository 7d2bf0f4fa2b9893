// Comms: two-way channels between cells and widgets of the front end.
// https://jupyter-client.readthedocs.io/en/stable/messaging.html#custom-messages
import { randomUUID } from 'node:crypto'
import { bridge } from './bridge.ts'
import { Map, Set, String } from './primordials.ts'

type Json = Record<string, unknown>

export interface CommEvent {
  data: Json
  metadata: Json
  buffers: Uint8Array[]
}

type Listener = (event: CommEvent) => unknown

export interface SendOptions {
  metadata?: Json
  buffers?: Uint8Array[]
}

export class Comm {
  readonly id: string
  readonly target: string
  readonly messageListeners = new Set<Listener>()
  readonly closeListeners = new Set<Listener>()

  constructor(id: string, target: string) {
    this.id = id
    this.target = target
  }

  send(data: Json, options: SendOptions = {}): void {
    emit('comm_msg', { comm_id: this.id, data }, options)
  }

  close(data: Json = {}, options: SendOptions = {}): void {
    if (comms.delete(this.id)) emit('comm_close', { comm_id: this.id, data }, options)
  }

  onMessage(listener: Listener): void {
    this.messageListeners.add(listener)
  }

  onClose(listener: Listener): void {
    this.closeListeners.add(listener)
  }
}

const comms = new Map<string, Comm>()
const targets = new Map<string, (comm: Comm, event: CommEvent) => unknown>()

export const comm = {
  /** From now on the front end may open comms of this target. */
  register(target: string, opened: (comm: Comm, event: CommEvent) => unknown): void {
    targets.set(target, opened)
  },
  /** Opens a comm at the front end. */
  open(target: string, data: Json = {}, options: SendOptions = {}): Comm {
    const opened = new Comm(randomUUID(), target)
    comms.set(opened.id, opened)
    emit('comm_open', { comm_id: opened.id, target_name: target, data }, options)
    return opened
  },
}

function emit(
  msgType: 'comm_open' | 'comm_msg' | 'comm_close',
  content: Json,
  options: SendOptions,
): void {
  const { metadata = {}, buffers = [] } = options
  bridge('comm').output({ type: 'comm', msgType, content, metadata, buffers })
}

function isJson(value: unknown): value is Json {
  return typeof value === 'object' && value !== null
}

/** A message of the front end. An unknown target is closed at once; unknown comms are ignored. */
export async function receiveComm(message: {
  msgType: 'comm_open' | 'comm_msg' | 'comm_close'
  content: Json
  metadata: Json
  buffers: Uint8Array[]
}): Promise<void> {
  const { msgType, content, metadata, buffers } = message
  const id = String(content['comm_id'])
  const data = isJson(content['data']) ? content['data'] : {}
  const event: CommEvent = { data, metadata, buffers }
  if (msgType === 'comm_open') {
    const target = String(content['target_name'])
    const opened = targets.get(target)
    if (!opened) return emit('comm_close', { comm_id: id, data: {} }, {})
    const known = new Comm(id, target)
    comms.set(id, known)
    await opened(known, event)
    return
  }
  const known = comms.get(id)
  if (!known) return
  if (msgType === 'comm_close') comms.delete(id)
  const listeners = msgType === 'comm_msg' ? known.messageListeners : known.closeListeners
  for (const listener of listeners) await listener(event)
}
