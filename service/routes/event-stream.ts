// One stream of server-sent events, written as its reader reads: the next post is read when the one
// before has left. So a reader that is slow or asleep costs little, and misses nothing: the id of
// an event says where to go on.
import type { Response } from 'express'

import type { Person } from '../chat/chat.ts'
import type { Change } from '../outbox/outbox.ts'
import type { PostFeed } from './feed.ts'
import { writePart } from './streaming.ts'

/** This many changes are read at a time; a slow reader gets more when it has taken these. */
const BATCH = 100
/** ms after which a program that was closed may come again; by itself it would after 2 s. */
const CLOSED_RETRY_MS = 60_000

export interface EventStreamOptions {
  feed: Pick<PostFeed, 'changes' | 'read' | 'isGone'>
  person: Person
  cursor: string
  /** Resolves when there is room in memory for one more post. */
  room: () => Promise<void>
}

export class EventStream {
  readonly #response: Response
  readonly #feed: EventStreamOptions['feed']
  readonly #room: () => Promise<void>
  #person: Person
  #cursor: string
  #sending = false
  #again = false

  /** Answers at once; events follow. */
  constructor(response: Response, { feed, person, cursor, room }: EventStreamOptions) {
    this.#response = response
    this.#feed = feed
    this.#room = room
    this.#person = person
    this.#cursor = cursor
    response.writeHead(200, {
      'Content-Type': 'text/event-stream',
      'Cache-Control': 'no-store',
      // nginx would hold events back otherwise.
      'X-Accel-Buffering': 'no',
    })
    response.write('retry: 2000\n\n')
  }

  get person(): Person {
    return this.#person
  }

  /** Bytes that wait for the reader. */
  get pending(): number {
    return this.#response.destroyed ? 0 : this.#response.writableLength
  }

  /** Sends what is new. While it is at it, it only looks once more afterwards. */
  async send(): Promise<void> {
    this.#again = true
    if (this.#sending) return
    this.#sending = true
    try {
      while (this.#again && !this.#isOver()) {
        this.#again = false
        await this.#sendNew()
      }
    } catch (error) {
      // A failure here must not reach the request that made the change. The page reconnects.
      this.#response.destroy(Error.isError(error) ? error : undefined)
    } finally {
      this.#sending = false
    }
  }

  /** Keeps proxies from cutting a silent connection. What waits for the reader does that too. */
  beat(person: Person): void {
    this.#person = person
    if (!this.#isOver() && this.pending === 0) this.#response.write(': still here\n\n')
  }

  end(): void {
    this.#response.end()
  }

  /** Ends it, and says why. */
  close(why: string): void {
    if (this.#isOver()) return
    const data = JSON.stringify({ why })
    this.#response.end(`retry: ${CLOSED_RETRY_MS}\nevent: closed\ndata: ${data}\n\n`)
  }

  #isOver(): boolean {
    return this.#response.destroyed || this.#response.writableEnded
  }

  async #sendNew(): Promise<void> {
    for (;;) {
      const next = this.#feed.changes(this.#person, this.#cursor, BATCH)
      if (next.cursor === this.#cursor) return
      for (const change of next.changes) {
        await this.#room()
        const part = this.#event(change)
        if (part !== undefined && !(await writePart(this.#response, part))) return
      }
      this.#cursor = next.cursor
    }
  }

  /** The event for a change; undefined if the person may not see it. */
  #event({ cursor, id }: Change): string | undefined {
    const post = this.#feed.read(this.#person, id)
    if (post) return event(cursor, 'post', post)
    return this.#feed.isGone(id) ? event(cursor, 'gone', { id }) : undefined
  }
}

function event(cursor: string, kind: 'post' | 'gone', data: object): string {
  return `id: ${cursor}\nevent: ${kind}\ndata: ${JSON.stringify(data)}\n\n`
}
