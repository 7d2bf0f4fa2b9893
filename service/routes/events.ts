// `api/v1/events`: posts as they change, as server-sent events. The id of an event is a cursor, so
// a page that lost its connection can go on from there. With `?until=now` the answer ends after the
// events so far, for a page that must leave the browser's few connections to other tabs.
import type { Request, Response } from 'express'

import { EventHeaders, EventsQuery } from '../api/parameters.ts'
import type { Person } from '../chat/chat.ts'
import type { Gate } from '../hub/gate.ts'
import { RelayError } from '../errors.ts'
import type { Change, Outbox } from '../outbox/outbox.ts'
import type { PostFeed } from './feed.ts'
import { personOf } from './guard.ts'
import { readQuery } from './query.ts'
import { writePart } from './streaming.ts'

/** Proxies cut silent connections after 60 s. */
const HEARTBEAT_MS = 20_000
/** This many changes are read at a time; a slow reader gets more when it has taken these. */
const BATCH = 100
const MOST_STREAMS = 100
/** Enough for one person's pages, notebooks and forgotten tabs, but too few to keep others out. */
const MOST_OF_ONE = 10

export interface EventsDeps {
  feed: PostFeed
  outbox: Outbox
  gate: Gate
}

export class EventStreams {
  readonly #deps: EventsDeps
  readonly #open = new Map<Response, { name: string; beat: () => Promise<void> }>()

  constructor(deps: EventsDeps) {
    this.#deps = deps
  }

  /** How many streams are open. */
  get size(): number {
    return this.#open.size
  }

  /** Ends all streams: the relay is closing, and its server waits for all connections. */
  close(): void {
    for (const response of this.#open.keys()) response.end()
  }

  /** Checks now who may still read. */
  recheck(): void {
    for (const { beat } of this.#open.values()) void beat()
  }

  serve(request: Request, response: Response): void {
    const { since, until } = readQuery(EventsQuery, request)
    const asked = lastEventId(request) ?? since
    if (this.#open.size >= MOST_STREAMS) {
      throw new RelayError('busy', `At most ${MOST_STREAMS} event streams are open at once`)
    }
    let person = personOf(response)
    const own = [...this.#open.values()].filter(({ name }) => name === person.name).length
    if (own >= MOST_OF_ONE) {
      throw new RelayError(
        'busy',
        `At most ${MOST_OF_ONE} event streams of one person are open at once`,
      )
    }
    let cursor = asked ?? this.#deps.outbox.cursor()
    response.writeHead(200, {
      'Content-Type': 'text/event-stream',
      'Cache-Control': 'no-store',
      // nginx would hold events back otherwise.
      'X-Accel-Buffering': 'no',
    })
    if (request.method === 'HEAD') {
      response.end()
      return
    }
    response.write('retry: 2000\n\n')
    const sendNew = async () => {
      for (;;) {
        const next = this.#deps.feed.changes(person, cursor, BATCH)
        if (next.cursor === cursor) return
        for (const change of next.changes) {
          const part = this.#event(person, change)
          if (part !== undefined && !(await writePart(response, part))) return
        }
        cursor = next.cursor
      }
    }
    let sending = false
    let again = false
    const send = async () => {
      again = true
      if (sending) return
      sending = true
      try {
        while (again && !response.destroyed && !response.writableEnded) {
          again = false
          await sendNew()
        }
      } catch (error) {
        // A failure here must not reach the request that made the change. The page reconnects.
        response.destroy(Error.isError(error) ? error : undefined)
      } finally {
        sending = false
      }
    }
    const unsubscribe = this.#deps.outbox.onChange(() => void send())
    const beat = async () => {
      person = (await this.#beat(request, response)) ?? person
    }
    const heartbeat = setInterval(() => void beat(), HEARTBEAT_MS)
    response.on('close', () => {
      clearInterval(heartbeat)
      unsubscribe()
      this.#open.delete(response)
    })
    this.#open.set(response, { name: person.name, beat })
    const told = send()
    if (until === 'now') void told.then(() => response.end())
  }

  /** The event for a change; undefined if the person may not see it. */
  #event(person: Person, { cursor, id }: Change): string | undefined {
    const post = this.#deps.feed.read(person, id)
    if (post) return event(cursor, 'post', post)
    return this.#deps.feed.isGone(id) ? event(cursor, 'gone', { id }) : undefined
  }

  /**
   * Asks again who is reading. A token that was revoked ends the stream; a person who left a group
   * sees nothing more of it.
   * @returns Undefined if the Hub cannot tell now.
   */
  async #beat(request: Request, response: Response): Promise<Person | undefined> {
    try {
      const person = await this.#deps.gate.identify(request.headers, 'read')
      response.write(': still here\n\n')
      return person
    } catch (error) {
      if (!(error instanceof RelayError) || error.code !== 'hub_away') response.end()
      return undefined
    }
  }
}

function event(cursor: string, kind: 'post' | 'gone', data: object): string {
  return `id: ${cursor}\nevent: ${kind}\ndata: ${JSON.stringify(data)}\n\n`
}

/** @throws {RelayError} `bad_request` */
function lastEventId(request: Request): string | undefined {
  const read = EventHeaders.safeParse({ 'Last-Event-ID': request.get('Last-Event-ID') })
  if (read.success) return read.data['Last-Event-ID']
  const words = read.error.issues[0]?.message ?? 'expected a cursor'
  throw new RelayError('bad_request', `In the header Last-Event-ID: ${words}`)
}
