// What the policy's file says about one person. A `deny` wins over everything; an `allow` limits
// those whom it names to what their lists have; of `mentions` and `direct_per_day` the last rule
// that names somebody counts. All of it only narrows what the chat itself permits.
import type { Person } from '../chat/chat.ts'
import { People, Places } from './names.ts'
import type { PolicyFile } from './policy-file.ts'

interface Compiled {
  /** Its place in the file, for people: `rules.0`. */
  path: string
  who: People
  chat: string | undefined
  allow: Places | undefined
  deny: Places | undefined
  mentions: boolean | undefined
  direct: number | undefined
}

/** Places named in a refusal; a list may be long. */
const MOST_NAMED = 10

export class Rules {
  readonly #admins: People
  readonly #services: ReadonlySet<string>
  readonly #unmasked: People
  readonly #rules: readonly Compiled[]
  /** Whether it matters in which groups somebody is now. */
  readonly hasGroups: boolean

  constructor(file: PolicyFile) {
    this.#admins = new People(file.admins)
    this.#services = new Set(file.services)
    this.#unmasked = new People(file.no_mask)
    this.#rules = file.rules.map((rule, n) => ({
      path: `rules.${n}`,
      who: new People(rule.who),
      chat: rule.chat,
      allow: rule.allow && new Places(rule.allow),
      deny: rule.deny && new Places(rule.deny),
      mentions: rule.mentions,
      direct: rule.direct_per_day,
    }))
    this.hasGroups = this.#rules.some(({ who }) => who.hasGroups)
  }

  isAdmin(person: Person): boolean {
    return this.#admins.has(person)
  }

  /** @param service - Its name at the Hub. */
  admits(service: string): boolean {
    return this.#services.has(service)
  }

  mayUnmask(person: Person): boolean {
    return this.#unmasked.has(person)
  }

  /** Whether some rule says where this person may post at this service. */
  limits(person: Person, service: string): boolean {
    return this.#about(person, service).some(({ allow, deny }) => allow ?? deny)
  }

  /**
   * Why this person may not post to a place, as a sentence that names the rule.
   * @param names - All names of the place: `~lab`, `id:ID`; `@me` and `@alice`.
   */
  refusal(person: Person, service: string, names: readonly string[]): string | undefined {
    const rules = this.#about(person, service)
    const denying = rules.find(({ deny }) => deny?.means(names))
    if (denying) return `the policy of this relay denies it to you (${denying.path}.deny)`
    const limiting = rules.filter(({ allow }) => allow !== undefined)
    if (limiting.length === 0) return undefined
    const giving = limiting.filter(({ who }) => who.has(person))
    if (giving.some(({ allow }) => allow?.has(names))) return undefined
    const given = giving.flatMap(({ allow }) => allow?.listed ?? [])
    const named = given.slice(0, MOST_NAMED).join(', ') || 'nowhere'
    const more = given.length > MOST_NAMED ? ` and ${given.length - MOST_NAMED} more` : ''
    const paths = limiting.map(({ path }) => `${path}.allow`).slice(0, MOST_NAMED)
    return `the policy of this relay lets you post to ${named}${more} only (${paths.join(', ')})`
  }

  mayMention(person: Person, service: string): boolean {
    return this.#about(person, service).reduce((may, { who, mentions }) => {
      if (mentions === undefined) return may
      return who.has(person) ? mentions : may && mentions
    }, true)
  }

  /** Direct messages a day; @param otherwise - If no rule says it. */
  directPerDay(person: Person, otherwise: number): number {
    return this.#about(person).reduce((most, { who, direct }) => {
      if (direct === undefined) return most
      return who.has(person) ? direct : Math.min(most, direct)
    }, otherwise)
  }

  /** Rules that may mean this person, whatever the spelling. */
  #about(person: Person, service?: string): Compiled[] {
    return this.#rules.filter(
      ({ who, chat }) => (chat === undefined || chat === service) && who.means(person),
    )
  }
}
