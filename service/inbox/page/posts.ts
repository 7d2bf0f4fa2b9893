// The list of posts, newest first. A new or changed post does not move the text that somebody
// reads.
import type { ReadPost } from '../../../post/contract/schema.ts'
import type { Files } from './files.ts'
import { postView } from './post-view.ts'
import { showTimes } from './times.ts'

/** Older posts leave the page; the relay keeps them. */
const MOST_KEPT = 500
/** Pixels that the bar at the top hides. */
const BAR_HEIGHT = 60

export class PostList {
  readonly #list: HTMLElement
  readonly #files: Files
  readonly #articles = new Map<string, HTMLElement>()
  #channel = ''

  constructor(list: HTMLElement, files: Files) {
    this.#list = list
    this.#files = files
  }

  get size(): number {
    return this.#articles.size
  }

  /** Shows a post, in place of its earlier state if there is one. */
  put(post: ReadPost): 'added' | 'changed' {
    const known = this.#articles.get(post.id)
    const article = known ?? document.createElement('article')
    if (known) this.#keepPlace(() => this.#fill(known, post))
    else {
      this.#fill(article, post)
      article.tabIndex = -1
      article.id = post.id
      this.#articles.set(post.id, article)
      this.#insert(article)
      this.#dropOldest()
    }
    article.hidden = this.#channel !== '' && article.dataset.channel !== this.#channel
    return known ? 'changed' : 'added'
  }

  remove(id: string): void {
    const article = this.#articles.get(id)
    if (!article) return
    this.#keepPlace(() => article.remove())
    this.#articles.delete(id)
    this.#files.forget(id)
  }

  /** Shows the posts of one channel; '' shows all. */
  filter(channel: string): void {
    this.#channel = channel
    for (const article of this.#articles.values())
      article.hidden = channel !== '' && article.dataset.channel !== channel
  }

  #fill(article: HTMLElement, post: ReadPost): void {
    const restore = keepForms(article)
    article.replaceChildren(...postView(post, this.#files))
    article.dataset.at = post.acceptedAt
    article.dataset.channel = channelOf(post)
    article.dataset.status = post.status
    article.setAttribute('aria-labelledby', `who-${post.id}`)
    showTimes(article)
    restore()
  }

  #insert(article: HTMLElement): void {
    const at = article.dataset.at ?? ''
    const older = [...this.#list.children].find(
      (other) => other instanceof HTMLElement && (other.dataset.at ?? '') <= at,
    )
    this.#keepPlace(() => this.#list.insertBefore(article, older ?? null))
  }

  #dropOldest(): void {
    const oldest = this.#list.lastElementChild
    if (this.#articles.size > MOST_KEPT && oldest instanceof HTMLElement) this.remove(oldest.id)
  }

  /** Keeps the post that is being read in its place; at the very top, shows the newest instead. */
  #keepPlace(change: () => void): void {
    const reading = window.scrollY === 0 ? undefined : this.#reading()
    const before = reading?.getBoundingClientRect().top ?? 0
    change()
    if (!reading?.isConnected) return
    const moved = reading.getBoundingClientRect().top - before
    if (moved !== 0) window.scrollBy({ top: moved, behavior: 'instant' })
  }

  #reading(): Element | undefined {
    return [...this.#list.children].find(
      (article) => article.getBoundingClientRect().bottom > BAR_HEIGHT,
    )
  }
}

/**
 * Puts an article's forms back into its new state, with the typed text, the asked confirmation and
 * the focus. If the form is gone, its article gets the focus: a keyboard user keeps their place.
 */
function keepForms(article: HTMLElement): () => void {
  const forms = article.querySelectorAll<HTMLElement>('form[data-keep]')
  const focused = article.contains(document.activeElement) ? document.activeElement : undefined
  return () => {
    for (const form of forms)
      article.querySelector(`form[data-keep="${form.dataset.keep}"]`)?.replaceWith(form)
    if (!(focused instanceof HTMLElement)) return
    const next = focused.isConnected ? focused : article
    next.focus({ preventScroll: true })
  }
}

/** Its name in the list of channels. */
export function channelOf(post: ReadPost): string {
  return post.destination === 'your inbox' ? '@me' : post.destination
}
