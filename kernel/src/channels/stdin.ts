// Asks the person: `input_request` to the client that runs the cell, `input_reply` back. One
// question at a time; an answer to no question, or to an old one, is dropped.
// https://jupyter-client.readthedocs.io/en/stable/messaging.html#messages-on-the-stdin-router-dealer-channel
import type { Channel } from './router.ts'
import type { Log } from './log.ts'
import { inputReplyValue } from '../protocol/content.ts'
import { newMessage } from '../protocol/message.ts'
import type { Message, Outgoing } from '../protocol/message.ts'

export interface InputPrompt {
  prompt: string
  password: boolean
}

/** The person ended the input (Ctrl-D) instead of answering. */
class EndOfInputError extends Error {
  override name = 'EndOfInputError'
}

interface Pending {
  request: Message
  asked: Outgoing
  answer(value: string): void
  fail(error: Error): void
}

export class Stdin {
  readonly #channel: Channel
  readonly #session: string
  readonly #log: Log
  #pending: Pending | undefined
  #last: Promise<unknown> = Promise.resolve()

  constructor(channel: Channel, session: string, log: Log) {
    this.#channel = channel
    this.#session = session
    this.#log = log
  }

  /** Asks the client that sent `request`; later questions wait. Rejects when `signal` aborts. */
  ask(request: Message, question: InputPrompt, signal: AbortSignal): Promise<string> {
    const asked = this.#last.then(() => this.#ask(request, question, signal))
    // The next question waits for this one's end, however it ends; the caller sees the error.
    this.#last = asked.catch(() => undefined)
    return asked
  }

  /** Reads replies until the channel is closed. */
  async read(): Promise<void> {
    for await (const message of this.#channel.messages()) {
      const pending = this.#pending
      if (message.header.msg_type !== 'input_reply' || !pending || !answers(message, pending)) {
        this.#log('ignored a message on stdin: it answers no open question')
        continue
      }
      const value = inputReplyValue(message.content)
      if (value === undefined) this.#log('input_reply without a value: taken as empty')
      if (value === '\u0004') pending.fail(new EndOfInputError('input ended without an answer'))
      else pending.answer(value ?? '')
    }
  }

  async #ask(request: Message, question: InputPrompt, signal: AbortSignal): Promise<string> {
    signal.throwIfAborted()
    const { promise, resolve, reject } = Promise.withResolvers<string>()
    const asked = newMessage(
      this.#session,
      'input_request',
      { ...question },
      { parent: request, identities: request.identities },
    )
    const abort = (): void => reject(new DOMException('the input was interrupted', 'AbortError'))
    signal.addEventListener('abort', abort)
    this.#pending = { request, asked, answer: resolve, fail: reject }
    this.#channel.send(asked)
    try {
      return await promise
    } finally {
      this.#pending = undefined
      signal.removeEventListener('abort', abort)
    }
  }
}

/**
 * The reply must come from the client that was asked, and answer this question: services names the
 * input_request as parent, the cell's request is accepted too; jupyter_client names no parent.
 */
function answers(reply: Message, { request, asked }: Pending): boolean {
  const from = reply.identities[0]
  const to = request.identities[0]
  if (!from || !to || !Buffer.from(from).equals(to)) return false
  return ['', asked.header.msg_id, request.header.msg_id].includes(reply.parentId)
}
