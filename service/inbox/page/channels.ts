// The list of channels: one button each, with the number of unread posts.

export class ChannelList {
  readonly #list: HTMLElement
  readonly #choose: (channel: string) => void
  readonly #unread = new Map<string, number>([['', 0]])
  #chosen = ''

  /** @param choose - Called with the chosen channel, '' for all. */
  constructor(list: HTMLElement, choose: (channel: string) => void) {
    this.#list = list
    this.#choose = choose
  }

  add(channel: string): void {
    if (this.#unread.has(channel)) return
    this.#unread.set(channel, 0)
    this.#draw()
  }

  /** Counts a post that nobody has seen yet. */
  addUnread(channel: string): void {
    this.#unread.set(channel, (this.#unread.get(channel) ?? 0) + 1)
    this.#draw()
  }

  get unread(): number {
    return [...this.#unread.values()].reduce((sum, count) => sum + count, 0)
  }

  /** Everything that is shown now has been seen. */
  markSeen(): void {
    for (const channel of this.#unread.keys())
      if (this.#chosen === '' || channel === this.#chosen) this.#unread.set(channel, 0)
    this.#draw()
  }

  #draw(): void {
    const names = [...this.#unread.keys()].toSorted()
    const active = document.activeElement
    const focused = this.#list.contains(active) ? active?.getAttribute('data-channel') : undefined
    this.#list.replaceChildren(
      ...names.map((name) => {
        const item = document.createElement('li')
        item.append(this.#button(name))
        return item
      }),
    )
    if (focused !== null && focused !== undefined)
      for (const button of this.#list.querySelectorAll('button'))
        if (button.dataset.channel === focused) button.focus({ preventScroll: true })
  }

  #button(name: string): HTMLButtonElement {
    const button = document.createElement('button')
    button.type = 'button'
    button.dataset.channel = name
    button.textContent = name === '' ? 'All' : name
    button.setAttribute('aria-pressed', String(name === this.#chosen))
    const count = this.#unread.get(name) ?? 0
    if (count > 0) {
      const badge = document.createElement('span')
      badge.className = 'count'
      badge.textContent = String(count)
      badge.setAttribute('aria-label', `${count} unread`)
      button.append(' ', badge)
    }
    button.addEventListener('click', () => {
      this.#chosen = name
      this.#choose(name)
      this.#draw()
    })
    return button
  }
}
