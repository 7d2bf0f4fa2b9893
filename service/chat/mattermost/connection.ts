// One connection to Mattermost's websocket, from opening to end: the token is in the header of the
// upgrade (the server resumes only what was authenticated there), then `hello`, now and then a
// question of our own, and an end that a silent server cannot put off.
import { WebSocket } from 'ws'
import { z } from 'zod'
import { codeOf } from '../../../post/contract/error.ts'
import { unreached } from '../../../post/relay/unreached.ts'
import type { Server } from '../../../post/relay/unreached.ts'
import { BadProxy, Way } from '../../../post/relay/way.ts'
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

/** Of one message; a post has at most 64 kB of text. */
const MOST_BYTES = 4 * 1024 * 1024

/** An event; the server numbers them separately for each connection. */
const ServerEvent = z.object({
  event: z.string().min(1),
  data: z.record(z.string(), z.unknown()).nullish(),
  broadcast: z.object({ channel_id: z.string(), user_id: z.string() }).partial().nullish(),
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
  /** The same, for people. */
  server: Server
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
  const way = wayTo(options)
  if (typeof way === 'string') return way
  const live = new Connection(options, way)
  const close = () => live.end('it was closed')
  signal.addEventListener('abort', close)
  try {
    return await live.over
  } finally {
    signal.removeEventListener('abort', close)
    way.close()
  }
}

/** Or why there is none. */
function wayTo({ site }: ConnectionOptions): Way | string {
  try {
    return new Way(new URL(site))
  } catch (error) {
    if (error instanceof BadProxy) return error.message
    throw error
  }
}

class Connection {
  readonly over: Promise<string>
  readonly #options: ConnectionOptions
  readonly #socket: WebSocket
  readonly #way: Way
  readonly #over = Promise.withResolvers<string>()
  #reason: string | undefined
  /** Number of our last question. */
  #asked = 0
  #isUp = false
  #limit: NodeJS.Timeout
  #asking: NodeJS.Timeout | undefined

  constructor(options: ConnectionOptions, way: Way) {
    this.#options = options
    this.#way = way
    this.over = this.#over.promise
    this.#limit = setTimeout(
      () => this.#fail('the server did not say hello in time'),
      options.times.opening,
    )
    this.#socket = new WebSocket(addressOf(options), {
      headers: { authorization: `Bearer ${options.token}` },
      agent: way.agent,
      // What is compressed could expand without bound.
      perMessageDeflate: false,
      maxPayload: MOST_BYTES,
    })
    this.#socket.addEventListener('open', () => this.#opened())
    this.#socket.addEventListener('message', ({ data }) => this.#received(data))
    this.#socket.addEventListener('error', ({ error, message }) => {
      const isKnown = codeOf(error)?.startsWith('WS_ERR') === false
      this.#reason ??= isKnown ? unreached(options.server, error, way) : message
    })
    this.#socket.addEventListener('close', ({ code }) => this.#closed(code))
  }

  /** Says goodbye; cuts the socket if the server does not. */
  end(reason: string): void {
    this.#reason ??= reason
    this.#stopTimers()
    this.#socket.close()
    this.#limit = setTimeout(() => this.#cut(), this.#options.times.closing)
  }

  /** Ends without goodbye: nobody is there. */
  #fail(reason: string): void {
    this.#reason ??= reason
    this.#cut()
  }

  #cut(): void {
    this.#socket.terminate()
    // A proxy may not have answered yet.
    this.#way.close()
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
