// `api/v1/events`: posts as they change, as server-sent events. The id of an event is a cursor, so
// a page that lost its connection can go on from there. With `?until=now` the answer ends after the
// events so far, for a page that must leave the browser's few connections to other tabs.
import type { Request, Response } from 'express'

import { EventHeaders, EventsQuery } from '../api/parameters.ts'
import type { Person } from '../chat/chat.ts'
import type { Gate } from '../hub/gate.ts'
import { RelayError } from '../errors.ts'
import type { Outbox } from '../outbox/outbox.ts'
import { EventStream } from './event-stream.ts'
import type { PostFeed } from './feed.ts'
import { personOf } from './guard.ts'
import { readQuery } from './query.ts'

/** Proxies cut silent connections after 60 s. */
const HEARTBEAT_MS = 20_000
const MOST_STREAMS = 2000
/** Enough for one person's pages, notebooks and forgotten tabs, but too few to keep others out. */
const MOST_OF_ONE = 20
/** Bytes of posts that may wait for all readers of one person; one more post may come on top. */
const MOST_PENDING = 4 * 1024 * 1024
/** ms after which readers that take nothing make room for the person's other ones. */
const SLEPT_MS = 5000
const CLOSED = `At most ${MOST_OF_ONE} event streams of one person are open at once, so the relay closed this one, which was the oldest`

export interface EventsDeps {
  feed: Pick<PostFeed, 'changes' | 'read' | 'isGone'>
  outbox: Pick<Outbox, 'cursor' | 'onChange'>
  gate: Gate
}

interface Open {
  stream: EventStream
  /** Whether it goes on until the reader ends it. */
  lasting: boolean
  beat: () => Promise<void>
}

export class EventStreams {
  readonly #deps: EventsDeps
  /** Oldest first. */
  readonly #open = new Map<Response, Open>()
  readonly #waiting = new Set<() => void>()

  constructor(deps: EventsDeps) {
    this.#deps = deps
  }

  /** How many streams are open. */
  get size(): number {
    return this.#open.size
  }

  /** Ends all streams: the relay is closing, and its server waits for all connections. */
  close(): void {
    for (const { stream } of this.#open.values()) stream.end()
  }

  /** Checks now who may still read. */
  recheck(): void {
    for (const { beat } of this.#open.values()) void beat()
  }

  serve(request: Request, response: Response): void {
    const person = personOf(response)
    const { since, until } = readQuery(EventsQuery, request)
    const lasting = until !== 'now'
    const cursor = lastEventId(request) ?? since ?? this.#deps.outbox.cursor()
    this.#makeRoom(person, lasting)
    const { feed } = this.#deps
    const room = () => this.#room(person)
    const stream = new EventStream(response, { feed, person, cursor, room })
    if (request.method === 'HEAD') {
      stream.end()
      return
    }
    const unsubscribe = this.#deps.outbox.onChange(() => void stream.send())
    const beat = () => this.#beat(request, stream)
    const heartbeat = setInterval(() => void beat(), HEARTBEAT_MS)
    response.on('drain', () => this.#tellRoom())
    response.on('close', () => {
      clearInterval(heartbeat)
      unsubscribe()
      this.#open.delete(response)
      this.#tellRoom()
    })
    this.#open.set(response, { stream, lasting, beat })
    const told = stream.send()
    if (!lasting) void told.then(() => stream.end())
  }

  /** Closes the person's oldest stream for one more. @throws {RelayError} `busy` */
  #makeRoom({ name }: Person, lasting: boolean): void {
    const own = [...this.#open].filter(
      ([, open]) => open.lasting === lasting && open.stream.person.name === name,
    )
    if (own.length >= MOST_OF_ONE) {
      const [oldest] = own
      // What ends by itself makes room soon; the oldest of them may be about to end.
      if (!lasting || !oldest) throw busy(`${MOST_OF_ONE} event streams of one person`)
      const [response, { stream }] = oldest
      this.#open.delete(response)
      stream.close(CLOSED)
    }
    if (this.#open.size >= MOST_STREAMS) throw busy(`${MOST_STREAMS} event streams`)
  }

  /** Resolves when not too many bytes wait for the readers of this person. */
  async #room({ name }: Person): Promise<void> {
    for (;;) {
      const own = [...this.#open].filter(([, { stream }]) => stream.person.name === name)
      const pending = own.reduce((sum, [, { stream }]) => sum + stream.pending, 0)
      if (pending <= MOST_PENDING) return
      if (await this.#toldRoom()) continue
      // They come again by themselves, with their cursors, once they are awake.
      for (const [response, { stream }] of own) if (stream.pending > 0) response.destroy()
    }
  }

  /** False if nobody read anything for a while. */
  async #toldRoom(): Promise<boolean> {
    const { promise, resolve } = Promise.withResolvers<boolean>()
    const told = () => resolve(true)
    const timer = setTimeout(() => resolve(false), SLEPT_MS)
    this.#waiting.add(told)
    const isTold = await promise
    clearTimeout(timer)
    this.#waiting.delete(told)
    return isTold
  }

  #tellRoom(): void {
    const waiting = [...this.#waiting]
    this.#waiting.clear()
    for (const look of waiting) look()
  }

  /**
   * Asks again who is reading. A token that was revoked ends the stream; a person who left a group
   * sees nothing more of it. If the Hub cannot tell now, it goes on.
   */
  async #beat(request: Request, stream: EventStream): Promise<void> {
    try {
      stream.beat(await this.#deps.gate.identify(request.headers, 'read'))
    } catch (error) {
      if (!(error instanceof RelayError) || error.code !== 'hub_away') stream.end()
    }
  }
}

function busy(most: string): RelayError {
  return new RelayError('busy', `At most ${most} are open at once; try again in 5 s`, {
    retryAfter: 5,
  })
}

/** @throws {RelayError} `bad_request` */
function lastEventId(request: Request): string | undefined {
  const read = EventHeaders.safeParse({ 'Last-Event-ID': request.get('Last-Event-ID') })
  if (read.success) return read.data['Last-Event-ID']
  const words = read.error.issues[0]?.message ?? 'expected a cursor'
  throw new RelayError('bad_request', `In the header Last-Event-ID: ${words}`)
}
