// How a person links a chat account: a code goes to the account, and whoever can type it owns the
// account. The answer to the request does not reveal whether the account exists, neither by words
// nor by time: the account is looked for afterwards.
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible'

import type { LinkAnswer, LinkWish } from '../../post/contract/identity.ts'
import { messageOf } from '../../post/contract/error.ts'
import type { Linking, Person } from '../chat/chat.ts'
import { CODES_AN_HOUR } from '../chat/codes.ts'
import type { LinkCodes } from '../chat/codes.ts'
import type { Links } from '../chat/links.ts'
import { ChatError, RelayError } from '../errors.ts'
import type { Services } from './resolve.ts'

/** ms for the service to answer; and, in the background, to find the account and write to it. */
const REACH_MS = 3000
const SEND_MS = 60_000
/** Each guess costs a slow hash, even if there is no code. */
const GUESSES_AN_HOUR = 30

/** Who somebody is again after a proof (`hub/holders.ts`). */
interface Claims {
  reclaim(name: string, isOf: (earlier: string) => Promise<boolean>): Promise<string | undefined>
}

export interface IdentityDeps {
  services: Services
  links: Links
  codes: LinkCodes
  /** On a Hub. */
  people?: Claims | undefined
  /** The message to the account, as the chat prints it. */
  letter: (person: Person, code: string) => string
  /** Reports a code that could not be sent, without the code. */
  note: (words: string) => void
}

export class Identities {
  readonly #deps: IdentityDeps
  readonly #guesses = new RateLimiterMemory({ points: GUESSES_AN_HOUR, duration: 3600 })
  readonly #stop = new AbortController()
  readonly #sending = new Set<Promise<void>>()

  constructor(deps: IdentityDeps) {
    this.#deps = deps
  }

  /** @throws {RelayError} */
  async ask({ service: typed, name }: LinkWish, person: Person): Promise<LinkAnswer> {
    const service = typed ?? this.#deps.services.standard
    const linking = this.#linking(service)
    if (!linking) return { state: 'unneeded', message: `${service} needs no account to be linked` }
    const unneeded = linking.unneeded(person)
    if (unneeded !== undefined) return { state: 'unneeded', message: unneeded }
    await reach(linking)
    const wish = await this.#deps.codes.ask(person.name, service)
    if ('wait' in wish) throw tooMany(wish.wait)
    const sending = this.#send(linking, wish.id, name, person).catch((error: unknown) => {
      this.#deps.note(`A code to link an account was not sent: ${messageOf(error)}`)
    })
    this.#sending.add(sending)
    void sending.then(() => this.#sending.delete(sending))
    return {
      state: 'sent',
      message: `If ${name} is a user name there, its bot has written to that account. Type the code that it sent within 10 minutes: %post --link CODE`,
    }
  }

  /** @throws {RelayError} `wrong_code`, `too_many_codes` */
  async confirm(code: string, person: Person): Promise<LinkAnswer> {
    await this.#countGuess(person)
    const proof = await this.#deps.codes.use(person.name, code)
    if (!proof)
      throw new RelayError(
        'wrong_code',
        'This code is wrong, used up or not yours: a code is valid for 10 minutes, 5 tries and one use. %post --link NAME, with your user name at the chat, sends another one',
      )
    const { service, account } = proof
    const { links, people } = this.#deps
    const again = await people?.reclaim(
      person.name,
      async (earlier) => (await links.find(service, earlier)) === account.id,
    )
    if (again !== undefined)
      return {
        state: 'linked',
        message: `You are ${again} again, with all that was yours: you have ${account.label}, as before`,
      }
    await links.link(service, person.name, account.id)
    return {
      state: 'linked',
      message: `${account.label} is now your account: @me goes there, and you may post where it may`,
    }
  }

  /** Stops what is being sent. */
  async close(): Promise<void> {
    this.#stop.abort()
    await Promise.all(this.#sending)
  }

  async #countGuess({ name }: Person): Promise<void> {
    try {
      await this.#guesses.consume(name)
    } catch (refused) {
      if (!(refused instanceof RateLimiterRes)) throw refused
      const minutes = Math.ceil(refused.msBeforeNext / 60_000)
      throw new RelayError(
        'too_many_codes',
        `At most ${GUESSES_AN_HOUR} codes an hour are tried by one person; try again in ${minutes} min`,
      )
    }
  }

  #linking(service: string): Linking | undefined {
    const { all, broken } = this.#deps.services
    const chat = all.get(service)
    if (chat) return chat.linking
    if (broken.includes(service))
      throw new RelayError(
        'chat_refuses',
        `The chat service ${service} is not set up right; the admin of the relay sees why in /ready`,
      )
    const known = [...all.keys()].join(', ')
    throw new RelayError(
      'unknown_target',
      `There is no chat service ${service}; this relay has ${known}`,
    )
  }

  async #send(linking: Linking, id: number, name: string, person: Person): Promise<void> {
    const signal = AbortSignal.any([this.#stop.signal, AbortSignal.timeout(SEND_MS)])
    const account = await linking.find(name, signal)
    if (!account) return
    const code = await this.#deps.codes.make(id, account)
    if (code !== undefined) await linking.tell(account.id, this.#deps.letter(person, code), signal)
  }
}

async function reach(linking: Linking): Promise<void> {
  try {
    await linking.reach(AbortSignal.timeout(REACH_MS))
  } catch (error) {
    const words = error instanceof ChatError ? error.message : 'The chat does not answer'
    throw new RelayError('chat_refuses', `${words}. Nothing was sent; try again later`, {
      cause: error,
    })
  }
}

function tooMany(wait: number): RelayError {
  const minutes = Math.ceil(wait / 60)
  return new RelayError(
    'too_many_codes',
    `At most ${CODES_AN_HOUR} codes an hour are sent for one person; try again in ${minutes} min`,
  )
}
