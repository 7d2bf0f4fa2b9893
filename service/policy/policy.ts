// The policy in force. The file is read at the start and at a reload; if the new one is wrong, the
// old one stays. If the first one is wrong, nobody may do anything that the policy decides.
import type { Person } from '../chat/chat.ts'
import { SERVICE } from '../chat/person-name.ts'
import { RelayError } from '../errors.ts'
import { PolicyError, readPolicy } from './policy-file.ts'
import type { PolicyFile } from './policy-file.ts'
import { Rules } from './rules.ts'

/** Who may post secrets unmasked, with `--no-mask`: names of people, or everyone. */
export type Unmasked = 'everyone' | readonly string[]

export interface PolicyOptions {
  /** Of JUPYTERPOST_POLICY; without it there are no rules. */
  path: string | undefined
  /** Names of the chat services that there are. */
  chats: readonly string[]
  /** Without a policy's file. */
  unmasked: Unmasked
}

const NO_FILE: PolicyFile = { admins: [], services: [], no_mask: [], rules: [] }

export class Policy {
  readonly #options: PolicyOptions
  #rules: Rules | undefined
  #trouble: string | undefined

  constructor(options: PolicyOptions) {
    this.#options = options
    const { path, unmasked } = options
    const unmaskedNames = unmasked === 'everyone' ? ['*'] : [...unmasked]
    if (path === undefined) this.#rules = new Rules({ ...NO_FILE, no_mask: unmaskedNames })
    else this.#read(path)
  }

  /** Why the file is not in force, as a sentence. */
  get trouble(): string | undefined {
    return this.#trouble
  }

  /** Undefined if there is none that could be read. */
  get rules(): Rules | undefined {
    return this.#rules
  }

  /** Reads the file anew. @returns What was done. @throws {PolicyError} if the old one stays. */
  reload(): string {
    const { path } = this.#options
    if (path === undefined) return 'there is no file of JUPYTERPOST_POLICY'
    this.#read(path)
    if (this.#trouble !== undefined) throw new PolicyError(this.#trouble)
    return `the policy of ${path} is in force`
  }

  isAdmin(person: Person): boolean {
    return this.#rules?.isAdmin(person) === true
  }

  mayUnmask(person: Person): boolean {
    return this.#rules?.mayUnmask(person) === true
  }

  /** @param otherwise - If no rule says it. */
  directPerDay(person: Person, otherwise: number): number {
    return this.#rules?.directPerDay(person, otherwise) ?? otherwise
  }

  /** Services of the Hub may do nothing unless they are named. @throws {RelayError} */
  admit({ name }: Person): void {
    if (!name.startsWith(SERVICE)) return
    const service = name.slice(SERVICE.length)
    if (this.#rules?.admits(service) === true) return
    throw new RelayError(
      'not_granted',
      `The token is that of ${service}, a service of the Hub: the relay's admin lets it in by naming it in "services" of the file of JUPYTERPOST_POLICY`,
    )
  }

  #read(path: string): void {
    try {
      this.#rules = new Rules(readPolicy(path, this.#options.chats))
      this.#trouble = undefined
    } catch (error) {
      if (!(error instanceof PolicyError)) throw error
      const kept = this.#rules ? 'The policy from before stays in force' : 'So nobody may post'
      this.#trouble = `${error.message}. ${kept}`
    }
  }
}
