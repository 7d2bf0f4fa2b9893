// Mattermost's events, for as long as somebody listens: a lost connection is made again, for ever,
// with growing pauses. The listener is told when it may have missed something: at each new
// connection, and at a gap in the numbers of the events.
import { setTimeout as delay } from 'node:timers/promises'
import { messageOf } from '../../../post/contract/error.ts'
import type { Server } from '../../../post/relay/unreached.ts'
import { connection, CONNECTION_TIMES } from './connection.ts'
import type { ConnectionTimes, ServerEvent } from './connection.ts'

export interface SocketTimes extends ConnectionTimes {
  /** Pause before the next attempt, in ms: doubled after each failure, up to the longest. */
  pause: { first: number; longest: number }
}

export const SOCKET_TIMES: SocketTimes = {
  ...CONNECTION_TIMES,
  pause: { first: 1000, longest: 60_000 },
}

export interface SocketOptions {
  /** Server address without `/api/v4/`. */
  site: string
  /** The same, for people. */
  server: Server
  /** Asked for each connection. */
  token: () => string
  times: SocketTimes
  /** Varies the pauses: relays that lost the same server must not all return at one moment. */
  random: () => number
  /** Takes what an admin should know, without secrets: the connection was lost or is back. */
  note: (words: string) => void
}

export interface SocketListener {
  /** Fetches what the listener needs first; if it throws, the attempt has failed. */
  prepare: (signal: AbortSignal) => Promise<void>
  event: (event: ServerEvent) => void
  /** Events before this may have been missed. */
  connected: () => void
}

/** Not trouble yet. */
const CONNECTING = 'not connected yet'

export class MattermostSocket {
  readonly #options: SocketOptions
  /** What is wrong with the connection, in words; '' while it is up, undefined without listener. */
  #trouble: string | undefined

  constructor(options: SocketOptions) {
    this.#options = options
  }

  /** For `/ready`, after the sentence about the server; '' while nobody listens. */
  get state(): string {
    if (this.#trouble === undefined) return ''
    return this.#trouble === '' ? ', hears answers' : `, does not hear answers: ${this.#trouble}`
  }

  /** Whether events arrive. */
  get isUp(): boolean {
    return this.#trouble === ''
  }

  /** Connects, and again, until closed. Never throws. */
  listen(listener: SocketListener): { close(): Promise<void> } {
    const stop = new AbortController()
    const running = this.#run(listener, stop.signal)
    return {
      close: async () => {
        stop.abort()
        await running
        this.#trouble = undefined
      },
    }
  }

  async #run(listener: SocketListener, signal: AbortSignal): Promise<void> {
    const line = new Line(listener)
    this.#trouble = CONNECTING
    for (let failures = 0; !signal.aborted; failures += 1) {
      const trouble = await this.#attempt(line, listener, signal)
      if (signal.aborted) return
      if (line.wasUp || failures === 0) this.#options.note(`Does not hear answers: ${trouble}`)
      if (line.wasUp) failures = 0
      this.#trouble = trouble
      await pause(this.#pauseMs(failures), signal)
    }
  }

  /** One connection; returns why it is over. */
  async #attempt(line: Line, listener: SocketListener, signal: AbortSignal): Promise<string> {
    const { site, server, token, times } = this.#options
    try {
      await listener.prepare(signal)
    } catch (error) {
      return messageOf(error)
    }
    const resume = line.next()
    const up = () => {
      line.wasUp = true
      if (this.#trouble !== CONNECTING && this.#trouble !== '')
        this.#options.note('Hears answers again')
      this.#trouble = ''
    }
    const onEvent = (event: ServerEvent) => {
      if (event.event === 'hello') up()
      line.take(event)
    }
    return connection(
      { site, server, token: token(), resume, times, onEvent, onResumed: up },
      signal,
    )
  }

  #pauseMs(failures: number): number {
    const { first, longest } = this.#options.times.pause
    return (
      Math.min(longest, first * 2 ** Math.min(failures, 30)) * (0.5 + this.#options.random() / 2)
    )
  }
}

/** The numbers of the events, across connections that the server resumes. */
class Line {
  readonly #listener: SocketListener
  /** In this attempt the server said hello or resumed. */
  wasUp = false
  #id = ''
  #next = 0

  constructor(listener: SocketListener) {
    this.#listener = listener
  }

  /**
   * Begins an attempt. A server that cannot resume may say so by ending each such attempt: after
   * one that never got up, start without resuming.
   */
  next(): { id: string; sequence: number } | undefined {
    if (!this.wasUp) this.#id = ''
    this.wasUp = false
    return this.#id === '' ? undefined : { id: this.#id, sequence: this.#next }
  }

  take(event: ServerEvent): void {
    const isNew = event.event === 'hello'
    if (isNew) {
      const id = event.data?.connection_id
      this.#id = typeof id === 'string' ? id : ''
    }
    const isMissing = event.seq !== this.#next
    this.#next = event.seq + 1
    if (isNew || isMissing) this.#listener.connected()
    if (!isNew) this.#listener.event(event)
  }
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  // Rejects on abort, which the caller checks.
  await delay(ms, undefined, { signal }).catch(() => undefined)
}
