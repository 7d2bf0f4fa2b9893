// `api/v1/events`: posts as they change, as server-sent events. Each event's id is a cursor, so a page that lost its connection goes on
// where it was. With `?until=now` the answer ends with what has happened, for a page that must leave its connections to others.
import type { Request, Response } from 'express'

import type { Person } from '../chat/chat.ts'
import type { Gate } from '../hub/gate.ts'
import { RelayError } from '../errors.ts'
import type { Change, Outbox } from '../outbox/outbox.ts'
import type { PostFeed } from './feed.ts'
import { personOf } from './guard.ts'
import { parseCursor } from './posts.ts'
import { writePart } from './streaming.ts'

/** Proxies cut silent connections after 60 s. */
const HEARTBEAT_MS = 20_000
/** Changes read at once; a slow reader gets the rest when it has taken these. */
const BATCH = 100
const MOST_STREAMS = 100
/** Of one person: pages, notebooks and forgotten tabs, without keeping others out. */
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

  /** Pages that look on. */
  get size(): number {
    return this.#open.size
  }

  /** Ends all streams: the relay is closing, and a server waits for its connections. */
  close(): void {
    for (const response of this.#open.keys()) response.end()
  }

  /** Looks at once who may still read. */
  recheck(): void {
    for (const { beat } of this.#open.values()) void beat()
  }

  serve(request: Request, response: Response): void {
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
    const asked = request.get('Last-Event-ID') ?? request.query.since
    let cursor = asked === undefined ? this.#deps.outbox.cursor() : parseCursor(asked)
    response.writeHead(200, {
      'Content-Type': 'text/event-stream',
      'Cache-Control': 'no-store',
      // nginx would keep events back.
      'X-Accel-Buffering': 'no',
    })
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
        // Who made the change must not fail for who looks on; the page comes back and asks again.
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
    if (request.query.until === 'now') void told.then(() => response.end())
  }

  /** What the change made of the post; undefined if the person may not see that. */
  #event(person: Person, { cursor, id }: Change): string | undefined {
    const post = this.#deps.feed.read(person, id)
    if (post) return event(cursor, 'post', post)
    return this.#deps.feed.isGone(id) ? event(cursor, 'gone', { id }) : undefined
  }

  /** Who reads now: a token that was revoked meanwhile sees no more, a person who left a group nothing of it. Undefined: not known now. */
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
