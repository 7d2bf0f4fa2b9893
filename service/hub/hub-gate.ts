// The gate on a Hub: asks `GET {API}/user` with the caller's token and lets in anyone with an
// access scope of this service. The token of another service is let in if the policy names that
// service: it posts under the service's name, marked as a service.
import type { IncomingHttpHeaders } from 'node:http'

import { z } from 'zod'

import type { Person } from '../chat/chat.ts'
import { SERVICE } from '../chat/person-name.ts'
import { RelayError } from '../errors.ts'
import { tokenOf } from './gate.ts'
import type { Gate, Use } from './gate.ts'
import type { HubPeople } from './hub-people.ts'
import { originOf } from './origin.ts'
import { askHub, HubUnreached } from './hub-request.ts'
import type { HubAnswer, HubSite } from './hub-request.ts'
import { TokenAnswers } from './token-answers.ts'

const HUB_MS = 5000
/** The Hub's own scope for its own metrics. */
const METRICS = 'read:metrics'
const NO_HUB =
  'What answers in place of the Hub is none; check JUPYTERHUB_API_URL and what is between'

/** A token's owner, as the Hub says. */
const HubUser = z.object({
  name: z.string().min(1),
  kind: z.enum(['user', 'service']).default('user'),
  groups: z.array(z.string()).default([]),
  scopes: z.array(z.string()).default([]),
  admin: z.boolean().nullish(),
  token_id: z.string().max(100).nullish(),
})

type HubUser = z.infer<typeof HubUser>

export interface HubOptions extends HubSite {
  serviceName: string
  /** The relay's own, if the Hub gave it one. */
  token: string | undefined
}

/** A refusal in the Hub's own form; another page with that status comes from a proxy. */
const HubRefusal = z.object({ status: z.int(), message: z.string().nullish() })
const HubRoot = z.object({ version: z.string() })

/** Counts a check. @param ms - Until the Hub answered. */
export type HubCheck = (end: 'known' | 'accepted' | 'refused' | 'away', ms: number) => void

/** Who has a token, and what it is for. */
interface Caller {
  person: Person
  mayPost: boolean
  mayRead: boolean
  /** By the Hub's own list. Services are none, whatever their scopes. */
  isAdmin: boolean
}

export interface HubGateDeps {
  people: Pick<HubPeople, 'met' | 'isNow'>
  /** Ms of the monotonic clock. */
  monotonic: () => number
  /** Whether the policy lets this person in at all. @throws {RelayError} */
  admit: (person: Person) => void
  /** Whether the policy names this person as an admin of the relay. */
  isAdmin: (person: Person) => boolean
  checked?: HubCheck
}

export class HubGate implements Gate {
  readonly #options: HubOptions
  readonly #deps: HubGateDeps
  readonly #answers: TokenAnswers<Caller>

  constructor(options: HubOptions, deps: HubGateDeps) {
    this.#options = options
    this.#deps = deps
    this.#answers = new TokenAnswers(deps.monotonic)
  }

  async identify(headers: IncomingHttpHeaders, use: Use, address = ''): Promise<Person> {
    const token = tokenOf(headers)
    if (token === undefined) {
      throw new RelayError(
        'no_token',
        'Expected the header `Authorization: token X` with a JupyterHub token (JUPYTERHUB_API_TOKEN in a user server)',
      )
    }
    const { people, checked } = this.#deps
    let isKnown = true
    const caller = await this.#answers.of(token, address, {
      ask: () => {
        isKnown = false
        return this.#measured(token)
      },
      // Somebody else may have the name since: the token is of the one before, or is no more.
      isStill: ({ person, mayPost }) => !mayPost || people.isNow(person),
      // One that was just granted need not wait long.
      isLasting: ({ mayPost }) => mayPost,
    })
    if (isKnown) checked?.('known', 0)
    this.#check(caller, use)
    return caller.person
  }

  /** @throws {RelayError} `not_granted` */
  #check({ person, mayPost, mayRead, isAdmin }: Caller, use: Use): void {
    const { name } = person
    if (use === 'metrics') {
      if (mayRead) return
      const words = `The token of ${name} lacks the scope ${METRICS}: an admin gives it to the service or user that reads metrics`
      throw new RelayError('not_granted', words)
    }
    if (!mayPost) throw new RelayError('not_granted', this.#notGranted(name))
    // Not remembered with the token: another policy counts at once.
    this.#deps.admit(person)
    if (use === 'details' && !isAdmin && !this.#deps.isAdmin(person))
      throw new RelayError('not_granted', `${name} is no admin of the Hub or of the relay`)
  }

  /** For `/ready`. */
  async reach(signal: AbortSignal): Promise<string | undefined> {
    try {
      const { status, body } = await askHub(this.#options, '/', { signal })
      if (status !== 200) return answered(status)
      return HubRoot.safeParse(body).success ? undefined : NO_HUB
    } catch (error) {
      if (error instanceof HubUnreached) return error.message
      throw error
    }
  }

  async #measured(token: string): Promise<Caller> {
    const { monotonic, checked } = this.#deps
    const began = monotonic()
    try {
      const caller = await this.#ask(token)
      checked?.('accepted', monotonic() - began)
      return caller
    } catch (error) {
      checked?.(isAway(error) ? 'away' : 'refused', monotonic() - began)
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
    const { kind, scopes, admin } = user.data
    // No variable says which scopes these are: another one would let in others.
    const grants = ['access:services', `access:services!service=${this.#options.serviceName}`]
    const mayPost = scopes.some((scope) => grants.includes(scope))
    return {
      person: await this.#personOf(user.data, mayPost),
      mayPost,
      mayRead: scopes.includes(METRICS),
      isAdmin: kind === 'user' && admin === true,
    }
  }

  /** Who may post. Others only need a name. @throws {RelayError} `not_granted`, `hub_away` */
  async #personOf(
    { name, kind, groups, scopes, token_id: token }: HubUser,
    mayPost: boolean,
  ): Promise<Person> {
    if (!mayPost) return { name, groups }
    const from = originOf(name, scopes, token ?? undefined)
    const origin = from === undefined ? {} : { origin: from }
    // An authenticator of its own could allow a name that is another's here (person-name.ts).
    if (kind === 'user' && name.includes('/'))
      throw new RelayError('not_granted', `Expected a user's name without a slash, got ${name}`)
    if (kind === 'service') return { name: `${SERVICE}${name}`, groups, ...origin }
    return { ...(await this.#deps.people.met({ name, groups })), ...origin }
  }

  async #fetchUser(token: string): Promise<HubAnswer> {
    const signal = AbortSignal.timeout(HUB_MS)
    try {
      return await askHub(this.#options, '/user', { token, signal })
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

function isAway(error: unknown): boolean {
  return !(error instanceof RelayError) || error.code === 'hub_away'
}

/** A redirect leads to a login or to another address; 400 is what TLS answers to plain HTTP. */
function answered(status: number): string {
  const isElsewhere = (status >= 300 && status < 400) || status === 400
  return `The Hub answered ${status}${isElsewhere ? '; check JUPYTERHUB_API_URL' : ''}`
}
