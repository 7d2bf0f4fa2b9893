// The gate on a Hub: asks `GET {API}/user` with the caller's token and lets in anyone with an
// access scope of this service. If an admin granted the scope to another service, its token is let
// in too: it posts under the service's name, marked as a service.
import type { IncomingHttpHeaders } from 'node:http'

import { z } from 'zod'

import type { Person } from '../chat/chat.ts'
import { RelayError } from '../errors.ts'
import { tokenOf } from './gate.ts'
import type { Gate, Use } from './gate.ts'
import { askHub, HubUnreached } from './hub-request.ts'
import type { HubAnswer } from './hub-request.ts'
import { TokenAnswers } from './token-answers.ts'

const HUB_MS = 5000
const NO_HUB =
  'What answers in place of the Hub is none; check JUPYTERHUB_API_URL and what is between'

const HubUser = z.object({
  name: z.string().min(1),
  kind: z.enum(['user', 'service']).default('user'),
  groups: z.array(z.string()).default([]),
  scopes: z.array(z.string()).default([]),
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

export class HubGate implements Gate {
  readonly #options: HubOptions
  readonly #answers: TokenAnswers<Person>

  constructor(options: HubOptions, monotonic: () => number) {
    this.#options = options
    this.#answers = new TokenAnswers(monotonic)
  }

  async identify(headers: IncomingHttpHeaders, _use: Use, address = ''): Promise<Person> {
    const token = tokenOf(headers)
    if (token === undefined) {
      throw new RelayError(
        'no_token',
        'Expected the header `Authorization: token X` with a JupyterHub token (JUPYTERHUB_API_TOKEN in a user server)',
      )
    }
    return this.#answers.of(token, address, () => this.#ask(token))
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

  async #ask(token: string): Promise<Person> {
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
    const { name, kind, groups, scopes } = user.data
    if (!scopes.some((scope) => this.#options.accessScopes.includes(scope))) {
      throw new RelayError('not_granted', this.#notGranted(name))
    }
    // Users and services cannot pass for each other: the Hub allows no slash in a user's name
    // (Authenticator.validate_username).
    return { name: kind === 'service' ? `service/${name}` : name, groups }
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
