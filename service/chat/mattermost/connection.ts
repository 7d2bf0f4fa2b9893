// One connection to Mattermost's websocket, from opening to end: the token is in the header of the
// upgrade (the server resumes only what was authenticated there), then `hello`, now and then a
// question of our own, and an end that a silent server cannot put off.
import { randomUUID } from 'node:crypto'
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { Duplex } from 'node:stream'
import { z } from 'zod'
import { parseJson } from './refusal.ts'

/** All times in ms. */
export interface ConnectionTimes {
  /** For the upgrade and its `hello`. After 5 s the server drops an unknown token. */
  opening: number
  /** Between two questions to the server: we cannot see its own pings. */
  askEvery: number
  /** For the answer to one question. */
  answer: number
  /** For the server to answer our close; after that the socket is cut. */
  closing: number
}

export const CONNECTION_TIMES: ConnectionTimes = {
  opening: 15_000,
  askEvery: 30_000,
  answer: 10_000,
  closing: 500,
}

/** An event; the server numbers them separately for each connection. */
const ServerEvent = z.object({
  event: z.string().min(1),
  data: z.record(z.string(), z.unknown()).nullish(),
  seq: z.int(),
})
export type ServerEvent = z.infer<typeof ServerEvent>

/** The answer to one of our questions. */
const ServerAnswer = z.object({
  seq_reply: z.int(),
  error: z.object({ id: z.string() }).partial().nullish(),
})

export interface ConnectionOptions {
  /** Server address without `/api/v4/`. */
  site: string
  token: string
  /** The lost connection, and the number of the first missing event. */
  resume: { id: string; sequence: number } | undefined
  times: ConnectionTimes
  onEvent: (event: ServerEvent) => void
  /** The server resumes the lost connection: there is no `hello`. */
  onResumed: () => void
}

/** Connects; resolves when the connection is over, with the reason, without the token. */
export async function connection(options: ConnectionOptions, signal: AbortSignal): Promise<string> {
  if (signal.aborted) return 'it was closed'
  const live = new Connection(options)
  const close = () => live.end('it was closed')
  signal.addEventListener('abort', close)
  try {
    return await live.over
  } finally {
    signal.removeEventListener('abort', close)
  }
}

class Connection {
  readonly over: Promise<string>
  readonly #options: ConnectionOptions
  readonly #socket: WebSocket
  readonly #cut: Cut
  readonly #over = Promise.withResolvers<string>()
  #reason: string | undefined
  /** Number of our last question. */
  #asked = 0
  #isUp = false
  #limit: NodeJS.Timeout
  #asking: NodeJS.Timeout | undefined

  constructor(options: ConnectionOptions) {
    this.#options = options
    this.over = this.#over.promise
    const id = randomUUID()
    this.#cut = new Cut(id)
    this.#limit = setTimeout(
      () => this.#fail('the server did not say hello in time'),
      options.times.opening,
    )
    this.#socket = new WebSocket(addressOf(options), {
      headers: { authorization: `Bearer ${options.token}`, 'x-request-id': id },
    })
    this.#socket.addEventListener('open', () => this.#opened())
    this.#socket.addEventListener('message', ({ data }) => this.#received(data))
    this.#socket.addEventListener('error', ({ message }) => {
      if (message !== '') this.#reason ??= message
    })
    this.#socket.addEventListener('close', ({ code }) => this.#closed(code))
  }

  /** Says goodbye; cuts the socket if the server does not. */
  end(reason: string): void {
    this.#reason ??= reason
    this.#stopTimers()
    this.#socket.close()
    this.#limit = setTimeout(() => this.#cut.now(), this.#options.times.closing)
  }

  /** Ends without goodbye: nobody is there. */
  #fail(reason: string): void {
    this.#reason ??= reason
    this.#socket.close()
    this.#cut.now()
  }

  #opened(): void {
    if (this.#reason !== undefined) return
    // The answer shows a resumed connection, which gets no hello. An unknown token gets no answer,
    // and the connection is dropped after 5 s.
    this.#ask()
  }

  #ask(): void {
    this.#asked += 1
    this.#socket.send(JSON.stringify({ seq: this.#asked, action: 'ping' }))
    if (this.#isUp)
      this.#limit = setTimeout(
        () => this.#fail('the server does not answer any more'),
        this.#options.times.answer,
      )
  }

  #received(data: unknown): void {
    if (this.#reason !== undefined) return
    const message = typeof data === 'string' ? parseJson(data) : undefined
    const event = ServerEvent.safeParse(message).data
    if (event) {
      if (event.event === 'hello') this.#up()
      this.#options.onEvent(event)
      return
    }
    const answer = ServerAnswer.safeParse(message).data
    if (answer) this.#answered(answer)
  }

  #answered({ seq_reply, error }: z.infer<typeof ServerAnswer>): void {
    if (error?.id?.includes('not_authenticated') === true) {
      this.#fail('the server does not accept the token of the bot')
      return
    }
    if (seq_reply !== this.#asked) return
    if (this.#isUp) clearTimeout(this.#limit)
    else if (this.#options.resume) {
      this.#up()
      this.#options.onResumed()
    }
  }

  #up(): void {
    if (this.#isUp) return
    this.#isUp = true
    clearTimeout(this.#limit)
    this.#asking = setInterval(() => this.#ask(), this.#options.times.askEvery)
  }

  #closed(code: number): void {
    this.#stopTimers()
    this.#cut.forget()
    this.#over.resolve(this.#reason ?? `the server closed the connection (${code})`)
  }

  #stopTimers(): void {
    clearTimeout(this.#limit)
    clearInterval(this.#asking)
  }
}

function addressOf({ site, resume }: ConnectionOptions): string {
  const address = `${site.replace(/^http/, 'ws')}/api/v4/websocket`
  if (!resume) return address
  const { id, sequence } = resume
  const query = new URLSearchParams({ connection_id: id, sequence_number: String(sequence) })
  return `${address}?${query.toString()}`
}

/** undici, which Node's WebSocket uses, publishes this with the socket of each request. */
const REQUEST_SENT = 'undici:client:sendHeaders'

/**
 * Ends a socket at once. A WebSocket can only ask the other side to end, so a server that hangs
 * would keep the connection, and this process, for ever.
 */
class Cut {
  readonly #id: string
  readonly #look: (message: unknown) => void
  #socket: Duplex | undefined

  /** @param id - In a header of the request, to find its socket. */
  constructor(id: string) {
    this.#id = id
    this.#look = (message) => {
      this.#socket = this.#socketIn(message) ?? this.#socket
      if (this.#socket) unsubscribe(REQUEST_SENT, this.#look)
    }
    subscribe(REQUEST_SENT, this.#look)
  }

  now(): void {
    this.#socket?.destroy()
  }

  forget(): void {
    unsubscribe(REQUEST_SENT, this.#look)
  }

  #socketIn(message: unknown): Duplex | undefined {
    if (typeof message !== 'object' || message === null) return undefined
    if (!('request' in message && 'socket' in message)) return undefined
    const { request, socket } = message
    if (typeof request !== 'object' || request === null || !('headers' in request)) return undefined
    const isOurs = String(request.headers).includes(this.#id)
    return isOurs && socket instanceof Duplex ? socket : undefined
  }
}
