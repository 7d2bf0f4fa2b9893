// How far a package manager is, in one line: what npm logs of its requests, counted.

/** What is read of one line; npm's own are shorter. */
const LONGEST = 2000
/** ms between changes. */
const INTERVAL = 100

export class Progress {
  readonly #started = performance.now()
  readonly #show: (text: string) => void
  readonly #timer: NodeJS.Timeout
  #tail = ''
  #looked = 0
  #downloaded = 0
  #shown = ''

  /** @param show - Shows a text in place of the one before. */
  constructor(show: (text: string) => void) {
    this.#show = show
    this.#timer = setInterval(() => this.#update(), INTERVAL)
    this.#update()
  }

  get seconds(): number {
    return (performance.now() - this.#started) / 1000
  }

  read(text: string): void {
    const lines = (this.#tail + text).split('\n')
    this.#tail = (lines.pop() ?? '').slice(0, LONGEST)
    for (const line of lines) this.#count(line)
  }

  stop(): void {
    clearInterval(this.#timer)
  }

  #count(line: string): void {
    const isFetch = line.startsWith('npm http fetch GET 2')
    if (!isFetch && !line.startsWith('npm http cache ')) return
    if (line.includes('.tgz ')) this.#downloaded += 1
    else if (isFetch) this.#looked += 1
  }

  #update(): void {
    const parts = [
      ...(this.#looked > 0 ? [`${this.#looked} looked up`] : []),
      ...(this.#downloaded > 0 ? [`${this.#downloaded} downloaded`] : []),
      `${Math.floor(this.seconds)} s`,
    ]
    const text = `... ${parts.join(', ')}`
    if (text === this.#shown) return
    this.#shown = text
    this.#show(text)
  }
}
