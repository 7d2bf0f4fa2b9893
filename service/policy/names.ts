// Lists of names in the policy's file. What gives a right counts for exactly that name; what takes
// one away counts for every spelling of it, so that nobody gets around it.
import { folded } from '../chat/display-name.ts'
import type { Person } from '../chat/chat.ts'
import { hubNameOf } from '../chat/person-name.ts'

const GROUP = 'group/'

/** People, Hub groups and services. */
export class People {
  readonly #all: boolean
  readonly #names: ReadonlySet<string>
  readonly #spellings: ReadonlySet<string>
  readonly hasGroups: boolean

  constructor(names: readonly string[]) {
    this.#all = names.includes('*')
    this.#names = new Set(names)
    this.#spellings = new Set(names.map(folded))
    this.hasGroups = names.some((name) => name.startsWith(GROUP))
  }

  /** For a right that is given. */
  has(person: Person): boolean {
    return this.#all || namesOf(person).some((name) => this.#names.has(name))
  }

  /** For a right that is taken away: also from who has the name now (`ada/2`). */
  means(person: Person): boolean {
    if (this.#all) return true
    return [hubNameOf(person.name), ...namesOf(person)].some((one) =>
      this.#spellings.has(folded(one)),
    )
  }
}

function namesOf({ name, groups }: Person): string[] {
  return [name, ...groups.map((group) => `${GROUP}${group}`)]
}

/** Places in chats: names, ids, and beginnings of names (`~course-*`). */
export class Places {
  readonly listed: readonly string[]
  readonly #names: ReadonlySet<string>
  readonly #spellings: ReadonlySet<string>
  readonly #beginnings: readonly string[]
  readonly #foldedBeginnings: readonly string[]

  constructor(listed: readonly string[]) {
    this.listed = listed
    const names = listed.filter((name) => !isBeginning(name))
    this.#names = new Set(names)
    this.#spellings = new Set(names.map(folded))
    this.#beginnings = listed.filter(isBeginning).map((name) => name.slice(0, -1))
    this.#foldedBeginnings = this.#beginnings.map(folded)
  }

  /** @param names - All names of one place. */
  has(names: readonly string[]): boolean {
    return names.some(
      (name) =>
        this.#names.has(name) || this.#beginnings.some((beginning) => name.startsWith(beginning)),
    )
  }

  means(names: readonly string[]): boolean {
    return names
      .map(folded)
      .some(
        (name) =>
          this.#spellings.has(name) ||
          this.#foldedBeginnings.some((beginning) => name.startsWith(beginning)),
      )
  }
}

function isBeginning(place: string): boolean {
  return place.endsWith('*')
}
