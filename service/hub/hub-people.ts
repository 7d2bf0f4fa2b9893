// The people of the Hub as the relay knows them: who has which name, and in which groups they are.
import type { Person } from '../chat/chat.ts'
import { hubNameOf, SERVICE } from '../chat/person-name.ts'
import { RelayError } from '../errors.ts'
import type { Holders } from './holders.ts'
import type { HubUsers } from './hub-users.ts'

/** People whose groups are remembered. */
const MOST_HEARD = 100_000

export class HubPeople {
  readonly #holders: Holders
  readonly #users: HubUsers
  /** Name at the Hub -> groups, as the last check of a token told them. */
  readonly #heard = new Map<string, readonly string[]>()

  constructor(holders: Holders, users: HubUsers) {
    this.#holders = holders
    this.#users = users
  }

  /** The name in the relay of who has this name at the Hub. */
  nameOf(hubName: string): string {
    return this.#holders.nameOf(hubName)
  }

  /** Whether the person still has that name. */
  isNow({ name }: Person): boolean {
    return name.startsWith(SERVICE) || this.nameOf(hubNameOf(name)) === name
  }

  /**
   * The Hub said that a request is of this user. @returns The person.
   * @throws {RelayError} `hub_away`
   */
  async met({ name, groups }: Person): Promise<Person> {
    const facts = await this.#users.find(name, true)
    await this.#holders.met(name, facts?.created)
    this.#heard.delete(name)
    this.#heard.set(name, groups)
    const oldest = this.#heard.keys().next()
    if (this.#heard.size > MOST_HEARD && !oldest.done) this.#heard.delete(oldest.value)
    return { name: this.nameOf(name), groups }
  }

  /**
   * The person with the groups of now, as far as the relay may know. For who had the name before:
   * as they were. @throws {RelayError} `hub_away`
   */
  async today(person: Person): Promise<Person> {
    if (person.name.startsWith(SERVICE) || !this.isNow(person)) return person
    const hubName = hubNameOf(person.name)
    const groups = (await this.#groups(hubName)) ?? this.#heard.get(hubName)
    return groups === undefined ? person : { ...person, groups }
  }

  /** See `Holders.reclaim`. */
  reclaim(name: string, isOf: (earlier: string) => Promise<boolean>): Promise<string | undefined> {
    return this.#holders.reclaim(name, isOf)
  }

  async #groups(hubName: string): Promise<readonly string[] | undefined> {
    try {
      return (await this.#users.find(hubName))?.groups
    } catch (error) {
      // The user is gone, and is in no group.
      if (error instanceof RelayError && error.code === 'bad_token') return []
      throw error
    }
  }
}
