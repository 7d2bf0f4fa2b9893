// The post that a link leads to. If it is not among the newest, which the page shows anyway, it is
// asked for; if there is none any more, the page says so in the relay's words.
import type { ReadPost } from '../../../post/contract/schema.ts'
import { Refusal } from './ask.ts'
import { make } from './dom.ts'

export class LinkedPost {
  readonly #place: HTMLElement
  readonly #read: (id: string) => Promise<ReadPost | undefined>
  readonly #show: (post: ReadPost) => void

  /** @param place - Where to say that there is none. */
  constructor(
    place: HTMLElement,
    read: (id: string) => Promise<ReadPost | undefined>,
    show: (post: ReadPost) => void,
  ) {
    this.#place = place
    this.#read = read
    this.#show = show
  }

  /** @param id - '' if the address names no post. */
  async open(id: string): Promise<void> {
    this.#place.hidden = true
    if (id === '' || goTo(id)) return
    try {
      const post = await this.#read(id)
      if (post) this.#show(post)
      if (!goTo(id)) this.#say('The relay answers something else')
    } catch (error) {
      // Otherwise the connection is broken, and the page says so.
      if (error instanceof Refusal && error.status < 500) this.#say(error.message)
    }
  }

  #say(words: string): void {
    const title = make('h2', {}, 'The post of this link is not here')
    this.#place.replaceChildren(title, make('p', {}, words))
    this.#place.hidden = false
  }
}

/** False if the page does not show it. */
function goTo(id: string): boolean {
  const article = document.getElementById(id)
  article?.scrollIntoView({ block: 'start' })
  article?.focus({ preventScroll: true })
  return article !== null
}
