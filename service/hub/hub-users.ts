// What the relay's own token may ask the Hub about its users: when one was created, and in which
// groups they are now. It needs the scope `read:users`, which the admin gives or not.
import { z } from 'zod'

import { RelayError } from '../errors.ts'
import { askHub, HubUnreached } from './hub-request.ts'
import type { HubAnswer, HubSite } from './hub-request.ts'

const HUB_MS = 5000
/** An admin's grant counts after this time, and a user's new groups. */
const KNOWN_MS = 60_000
const MOST_KNOWN = 10_000

const Own = z.object({ scopes: z.array(z.string()) })
const User = z.object({
  created: z.string().nullish(),
  groups: z.array(z.string()).default([]),
})
export interface HubUserFacts {
  created: string | undefined
  groups: string[]
}

interface Known<Value> {
  until: number
  value: Promise<Value>
}

export class HubUsers {
  readonly #site: HubSite
  readonly #token: string | undefined
  readonly #monotonic: () => number
  readonly #users = new Map<string, Known<HubUserFacts | undefined>>()
  #mayRead: Known<boolean> | undefined

  constructor(site: HubSite, token: string | undefined, monotonic: () => number) {
    this.#site = site
    this.#token = token
    this.#monotonic = monotonic
  }

  /**
   * Undefined if the relay may not know. @param fresh - Whether an answer from before will not do.
   * @throws {RelayError} `hub_away`; `bad_token` if there is no such user any more
   */
  async find(name: string, fresh = false): Promise<HubUserFacts | undefined> {
    const token = this.#token
    if (token === undefined || !(await this.#may(token))) return undefined
    const known = this.#users.get(name)
    if (!fresh && known && known.until > this.#monotonic()) return known.value
    const entry = this.#entry(this.#read(name, token))
    this.#users.delete(name)
    this.#users.set(name, entry)
    const oldest = this.#users.keys().next()
    if (this.#users.size > MOST_KNOWN && !oldest.done) this.#users.delete(oldest.value)
    return entry.value
  }

  async #may(token: string): Promise<boolean> {
    if (!this.#mayRead || this.#mayRead.until <= this.#monotonic())
      this.#mayRead = this.#entry(this.#readScopes(token))
    return this.#mayRead.value
  }

  /** A failure is not remembered. */
  #entry<Value>(value: Promise<Value>): Known<Value> {
    const entry = { until: this.#monotonic() + KNOWN_MS, value }
    value.catch(() => {
      entry.until = 0
    })
    return entry
  }

  async #readScopes(token: string): Promise<boolean> {
    const { status, body } = await this.#ask('/user', token)
    const own = Own.safeParse(body)
    // A token that the Hub does not know, of an external service perhaps: then it may nothing.
    if (status === 403) return false
    if (status !== 200 || !own.success) throw away(`The Hub answered ${status}`)
    return own.data.scopes.some((scope) => scope === 'read:users' || scope === 'admin:users')
  }

  async #read(name: string, token: string): Promise<HubUserFacts | undefined> {
    const { status, body } = await this.#ask(`/users/${encodeURIComponent(name)}`, token)
    const user = User.safeParse(body)
    if (status === 404)
      throw new RelayError('bad_token', `The Hub has no user ${name} any more; log in again`)
    if (status === 403) return undefined
    if (status !== 200 || !user.success) throw away(`The Hub answered ${status}`)
    return { created: user.data.created ?? undefined, groups: user.data.groups }
  }

  async #ask(path: string, token: string): Promise<HubAnswer> {
    try {
      return await askHub(this.#site, path, { token, signal: AbortSignal.timeout(HUB_MS) })
    } catch (cause) {
      if (!(cause instanceof HubUnreached)) throw cause
      throw away(cause.message, cause)
    }
  }
}

function away(words: string, cause?: unknown): RelayError {
  const advice = 'so it is not known who has this name; try again later'
  return new RelayError('hub_away', `${words}, ${advice}`, { cause, retryAfter: 5 })
}
