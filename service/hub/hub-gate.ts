// The gate on a Hub: asks `GET {API}/user` with the caller's token and lets in anyone with an
// access scope of this service. If an admin granted the scope to another service, its token is let
// in too: it posts under the service's name, marked as a service.
import { createHash } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'

import { z } from 'zod'

import type { Person } from '../chat/chat.ts'
import { RelayError } from '../errors.ts'
import { originOf } from './caller.ts'
import type { Caller } from './caller.ts'
import { tokenOf } from './gate.ts'
import type { Gate, Use } from './gate.ts'
import { askHub, HubUnreached } from './hub-request.ts'
import type { HubAnswer } from './hub-request.ts'

/** A revoked token stops working within this time. */
const GOOD_MS = 60_000
/** Short, so that a token that was just granted need not wait long. */
const BAD_MS = 5000
const MOST_CACHED = 10_000
const HUB_MS = 5000
/** The Hub's own scope for its own metrics. */
const METRICS = 'read:metrics'
const NO_HUB =
  'What answers in place of the Hub is none; check JUPYTERHUB_API_URL and what is between'

const HubUser = z.object({
  name: z.string().min(1),
  kind: z.enum(['user', 'service']).default('user'),
  groups: z.array(z.string()).default([]),
  scopes: z.array(z.string()).default([]),
  admin: z.boolean().nullish(),
  token_id: z.string().max(100).nullish(),
})

export interface HubOptions {
  /** `JUPYTERHUB_API_URL`, without a slash at its end. */
  apiUrl: string
  serviceName: string
  /** A token with any of these is let in. */
  accessScopes: readonly string[]
}

/** A refusal in the Hub's own form; another page with that status comes from a proxy. */
const HubRefusal = z.object({ status: z.int(), message: z.string().nullish() })
const HubRoot = z.object({ version: z.string() })

/** Counts a check. @param ms - Until the Hub answered. */
export type HubCheck = (end: 'known' | 'accepted' | 'refused' | 'away', ms: number) => void

interface Answer {
  /** ms of the monotonic clock: a wall clock set back would keep a revoked token alive. */
  until: number
  caller: Promise<Caller>
}

export class HubGate implements Gate {
  readonly #options: HubOptions
  readonly #monotonic: () => number
  /** By SHA-256 of the token; simultaneous checks of one token are shared. */
  readonly #answers = new Map<string, Answer>()
  readonly #checked: HubCheck

  constructor(options: HubOptions, monotonic: () => number, checked: HubCheck = () => undefined) {
    this.#options = options
    this.#monotonic = monotonic
    this.#checked = checked
  }

  async identify(headers: IncomingHttpHeaders, use: Use): Promise<Person> {
    const caller = await this.#caller(headers)
    this.#check(caller, use)
    return caller.person
  }

  /** @throws {RelayError} `no_token`, `bad_token`, `hub_away` */
  async #caller(headers: IncomingHttpHeaders): Promise<Caller> {
    const token = tokenOf(headers)
    if (token === undefined) {
      throw new RelayError(
        'no_token',
        'Expected the header `Authorization: token X` with a JupyterHub token (JUPYTERHUB_API_TOKEN in a user server)',
      )
    }
    const key = createHash('sha256').update(token).digest('base64')
    const cached = this.#answers.get(key)
    if (cached && cached.until > this.#monotonic()) {
      this.#checked('known', 0)
      return cached.caller
    }
    return this.#remember(key, this.#measured(token))
  }

  /** For `/ready`. */
  async reach(signal: AbortSignal): Promise<string | undefined> {
    try {
      const { status, body } = await askHub(this.#options.apiUrl, '/', { signal })
      if (status !== 200) return answered(status)
      return HubRoot.safeParse(body).success ? undefined : NO_HUB
    } catch (error) {
      if (error instanceof HubUnreached) return error.message
      throw error
    }
  }

  #remember(key: string, caller: Promise<Caller>): Promise<Caller> {
    const answer: Answer = { until: this.#monotonic() + GOOD_MS, caller }
    this.#answers.delete(key)
    this.#answers.set(key, answer)
    const oldest = this.#answers.keys().next()
    if (this.#answers.size > MOST_CACHED && !oldest.done) this.#answers.delete(oldest.value)
    const grant = ({ scopes }: Caller) => {
      if (!this.#mayPost(scopes)) answer.until = this.#monotonic() + BAD_MS
    }
    caller.then(grant, (error: unknown) => {
      // A Hub that is away may be back at the next request.
      const away = !(error instanceof RelayError) || error.code === 'hub_away'
      answer.until = away ? 0 : this.#monotonic() + BAD_MS
    })
    return caller
  }

  #mayPost(scopes: readonly string[]): boolean {
    return scopes.some((scope) => this.#options.accessScopes.includes(scope))
  }

  /** @throws {RelayError} `not_granted` */
  #check({ person, scopes, isAdmin }: Caller, use: Use): void {
    if (use === 'metrics') {
      if (scopes.includes(METRICS)) return
      const words = `The token of ${person.name} lacks the scope ${METRICS}: an admin gives it to the service or user that reads metrics`
      throw new RelayError('not_granted', words)
    }
    if (!this.#mayPost(scopes)) throw new RelayError('not_granted', this.#notGranted(person.name))
    if (use === 'details' && !isAdmin)
      throw new RelayError('not_granted', `${person.name} is no admin of the Hub`)
  }

  async #measured(token: string): Promise<Caller> {
    const began = this.#monotonic()
    try {
      const caller = await this.#ask(token)
      this.#checked('accepted', this.#monotonic() - began)
      return caller
    } catch (error) {
      const isAway = !(error instanceof RelayError) || error.code === 'hub_away'
      this.#checked(isAway ? 'away' : 'refused', this.#monotonic() - began)
      throw error
    }
  }

  async #ask(token: string): Promise<Caller> {
    const answer = await this.#fetchUser(token)
    const refused = HubRefusal.safeParse(answer.body).data
    if (refused?.status === answer.status && [401, 403, 404].includes(answer.status)) {
      throw new RelayError(
        'bad_token',
        'The Hub does not know this token: it is wrong, expired, or its server was stopped; restart your server or make a new token',
      )
    }
    const user = HubUser.safeParse(answer.body)
    if (answer.status !== 200 || !user.success) {
      const words = answer.status === 200 ? NO_HUB : answered(answer.status)
      throw new RelayError('hub_away', `${words}; try again later`, { retryAfter: 5 })
    }
    const { name, kind, groups, scopes, admin, token_id: tokenId } = user.data
    const origin = originOf(name, scopes, tokenId ?? undefined)
    // Users and services cannot pass for each other: the Hub allows no slash in a user's name
    // (Authenticator.validate_username).
    const shown = kind === 'service' ? `service/${name}` : name
    const person = { name: shown, groups, ...(origin !== undefined && { origin }) }
    return { person, scopes, isAdmin: kind === 'user' && admin === true }
  }

  async #fetchUser(token: string): Promise<HubAnswer> {
    const headers = { authorization: `token ${token}`, accept: 'application/json' }
    const signal = AbortSignal.timeout(HUB_MS)
    try {
      return await askHub(this.#options.apiUrl, '/user', { headers, signal })
    } catch (cause) {
      if (!(cause instanceof HubUnreached)) throw cause
      const words = `${cause.message}. So the token cannot be checked; try again later`
      throw new RelayError('hub_away', words, { cause, retryAfter: 5 })
    }
  }

  #notGranted(name: string): string {
    const grant = `access:services!service=${this.#options.serviceName}`
    return `The token of ${name} lacks the grant ${grant}: an admin gives it to the roles \`user\` and \`server\`. A server started before the grant must be restarted`
  }
}

/** A redirect leads to a login or to another address; 400 is what TLS answers to plain HTTP. */
function answered(status: number): string {
  const isElsewhere = (status >= 300 && status < 400) || status === 400
  return `The Hub answered ${status}${isElsewhere ? '; check JUPYTERHUB_API_URL' : ''}`
}
