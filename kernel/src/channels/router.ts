// shell, control and stdin: verified messages in, signed messages out. Frames that are not a
// message are logged and dropped.
import type { Router } from 'zeromq'
import type { Log } from './log.ts'
import { Sender } from './sender.ts'
import type { Message, Outgoing } from '../protocol/message.ts'
import { WireError } from '../protocol/wire.ts'
import type { Wire } from '../protocol/wire.ts'

export interface Channel {
  readonly name: 'shell' | 'control' | 'stdin'
  /** Every message, in order; ends when the channel is closed. For one reader. */
  messages(): AsyncIterable<Message>
  send(message: Outgoing): void
}

export class RouterChannel implements Channel {
  readonly name: Channel['name']
  readonly #socket: Router
  readonly #wire: Wire
  readonly #log: Log
  readonly #sender: Sender

  constructor(name: Channel['name'], socket: Router, wire: Wire, log: Log) {
    this.name = name
    this.#socket = socket
    this.#wire = wire
    this.#log = log
    this.#sender = new Sender(socket, name, log)
  }

  async *messages(): AsyncGenerator<Message> {
    for await (const frames of this.#socket) {
      try {
        yield this.#wire.decode(frames)
      } catch (error) {
        if (!(error instanceof WireError)) throw error
        this.#log(`dropped a message on ${this.name}: ${error.message}`)
      }
    }
  }

  send(message: Outgoing): void {
    this.#sender.send(this.#wire.encode(message))
  }

  flushed(): Promise<void> {
    return this.#sender.flushed()
  }
}
