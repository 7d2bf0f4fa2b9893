// How far a package manager is, in one line: what npm logs of its requests, counted.

/** What is read of one line; npm's own are shorter. */
const LONGEST = 2000

export class Progress {
  readonly #started = performance.now()
  readonly #show: (text: string) => void
  #tail = ''
  #looked = 0
  #downloaded = 0
  #shown = ''
  #notBefore = 0
  /** Names the time even while nothing comes. */
  readonly #tick: NodeJS.Timeout

  /** @param show - Shows a text in place of the one before. */
  constructor(show: (text: string) => void) {
    this.#show = show
    this.#tick = setInterval(() => this.#update(), 500)
  }

  get seconds(): number {
    return (performance.now() - this.#started) / 1000
  }

  read(text: string): void {
    const lines = (this.#tail + text).split('\n')
    this.#tail = (lines.pop() ?? '').slice(0, LONGEST)
    for (const line of lines) this.#count(line)
    this.#update()
  }

  /** Shows the last text. */
  end(text: string): void {
    clearInterval(this.#tick)
    this.#show(text)
  }

  #count(line: string): void {
    const isFetch = line.startsWith('npm http fetch GET 2')
    if (!isFetch && !line.startsWith('npm http cache ')) return
    if (line.includes('.tgz ')) this.#downloaded += 1
    else if (isFetch) this.#looked += 1
  }

  /** At most ten times a second, and only if something changed. */
  #update(): void {
    if (performance.now() < this.#notBefore) return
    const parts = [
      ...(this.#looked > 0 ? [`${this.#looked} packages looked up`] : []),
      ...(this.#downloaded > 0 ? [`${this.#downloaded} downloaded`] : []),
      `${Math.floor(this.seconds)} s`,
    ]
    const text = `... ${parts.join(', ')}`
    if (text === this.#shown) return
    this.#shown = text
    this.#notBefore = performance.now() + 100
    this.#show(text)
  }
}
