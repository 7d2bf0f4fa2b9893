// The page's side of the relay's API, with the secret of its session, which exists only in this
// page's memory.
import type { ReadPost } from '../../../post/contract/schema.ts'
import { openSession } from './access.ts'
import { Refusal, request } from './ask.ts'
import type { Asked } from './ask.ts'
import { readEvents } from './event-stream.ts'

export interface Feed {
  posts: ReadPost[]
  cursor: string
}

export type Change = { kind: 'post'; post: ReadPost } | { kind: 'gone'; id: string }

/** The relay closed this stream for another of the same person. The message is the relay's. */
export class Crowded extends Error {}

const MOST_SHOWN = 200

export class RelayApi {
  #secret = ''
  #opening: Promise<string> | undefined

  /** Opens a session. @returns The run of the relay. @throws {NotLetIn} {OtherProgram} {Error} */
  signIn(): Promise<string> {
    this.#opening ??= openSession()
      .then(({ secret, instance }) => {
        this.#secret = secret
        return instance
      })
      .finally(() => {
        this.#opening = undefined
      })
    return this.#opening
  }

  /** @throws {Refusal} if the relay answers with something other than posts */
  async newest(): Promise<Feed> {
    const body: unknown = await (await this.#request(`api/v1/posts?limit=${MOST_SHOWN}`)).json()
    return feedOf(body)
  }

  /** One post. @throws {Refusal} if there is none that may be read */
  async post(id: string): Promise<ReadPost | undefined> {
    const response = await this.#request(`api/v1/posts/${encodeURIComponent(id)}`)
    const body: unknown = await response.json()
    return isPost(body) ? body : undefined
  }

  /** Replies to a post. @throws {Refusal} if the relay answers but does not accept it */
  async say(post: string, text: string): Promise<void> {
    await this.#request(`api/v1/posts/${encodeURIComponent(post)}/replies`, { body: { text } })
  }

  /**
   * The changes after a cursor, each with the next cursor. `live` is called when the relay answers.
   *
   * @param until - `now`: past changes only; `ended`: also later ones, until the connection ends.
   * @throws {Crowded}
   */
  async *changes(
    cursor: string,
    until: 'now' | 'ended',
    live: () => void,
  ): AsyncGenerator<[Change, string]> {
    const stop = new AbortController()
    const path = `api/v1/events?until=${until}&since=${encodeURIComponent(cursor)}`
    const response = await this.#request(path, { signal: stop.signal })
    live()
    for await (const { id, event, data } of readEvents(response, stop)) {
      const value: unknown = JSON.parse(data)
      if (event === 'post' && isPost(value)) yield [{ kind: 'post', post: value }, id]
      else if (event === 'gone' && isRecord(value) && typeof value.id === 'string')
        yield [{ kind: 'gone', id: value.id }, id]
      else if (event === 'closed' && isRecord(value)) throw new Crowded(String(value.why))
    }
  }

  /** The bytes of a file; undefined if they still have this `tag`. @throws {Refusal} */
  async file(path: string, tag: string | undefined) {
    const headers = tag === undefined ? {} : { 'If-None-Match': tag }
    const response = await this.#request(path, { headers })
    if (response.status === 304) return undefined
    return { blob: await response.blob(), tag: response.headers.get('ETag') ?? undefined }
  }

  /** A session ends with its run of the relay: then opens another, once. */
  async #request(path: string, asked: Asked = {}): Promise<Response> {
    try {
      return await this.#send(path, asked)
    } catch (error) {
      if (!(error instanceof Refusal) || error.code !== 'bad_key') throw error
      await this.signIn()
      return this.#send(path, asked)
    }
  }

  #send(path: string, asked: Asked): Promise<Response> {
    const headers = { ...asked.headers, Authorization: `page ${this.#secret}` }
    return request(path, { ...asked, headers })
  }
}

function feedOf(body: unknown): Feed {
  if (isRecord(body) && Array.isArray(body.posts) && typeof body.cursor === 'string')
    return { posts: body.posts.filter(isPost), cursor: body.cursor }
  throw new Refusal(200, '', 'The program that answers is not a relay')
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}

/** The relay proved itself and made the post by this schema: checks only what the list needs. */
function isPost(value: unknown): value is ReadPost {
  return (
    isRecord(value) &&
    ['id', 'destination', 'service', 'status', 'acceptedAt', 'from'].every(
      (key) => typeof value[key] === 'string',
    ) &&
    Array.isArray(value.blocks) &&
    Array.isArray(value.files)
  )
}
