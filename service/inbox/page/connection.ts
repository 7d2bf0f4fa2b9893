// Keeps the page connected to its relay: signs in, loads what is new, follows changes, and finds
// the relay again after it ended.
import { NotLetIn, OtherProgram, register } from './access.ts'
import { Refusal } from './ask.ts'
import { onLetIn } from './key-store.ts'
import { Crowded } from './relay.ts'
import type { Change, Feed, RelayApi } from './relay.ts'
import { inSlot } from './stream-slots.ts'

/** `crowded`: too many pages have a stream, so this one only asks from time to time. */
export type State = 'live' | 'crowded' | 'waiting' | 'closed' | 'other program'

export interface Listener {
  /** The newest posts: at the first sign-in, and when another run of the relay answers. */
  feed(feed: Feed): Promise<void>
  change(change: Change): void
  /** @param why - In the relay's words; '' if there are none. */
  state(state: State, why: string): void
}

const FIRST_WAIT_MS = 500
const LONGEST_WAIT_MS = 10_000
/** ms between questions of a tab without a stream; browsers let hidden tabs ask once a minute. */
const SEEN_MS = 2000
const HIDDEN_MS = 20_000

export class Connection {
  readonly #api: RelayApi
  readonly #listener: Listener
  #code: string | undefined
  #cursor: string | undefined
  #instance = ''
  /** Why the relay closed the stream of this page, in its words; '' if it may have one. */
  #crowded = ''
  #wake: () => void = () => undefined

  constructor(api: RelayApi, listener: Listener) {
    this.#api = api
    this.#listener = listener
    onLetIn(() => this.#wake())
    for (const event of ['focus', 'online']) addEventListener(event, () => this.#lookedAt())
  }

  get isSignedIn(): boolean {
    return this.#instance !== ''
  }

  /** Lets the browser in by the code of a link. */
  useCode(code: string): void {
    this.#code = code
    this.#wake()
  }

  /** Runs as long as the page exists. */
  async run(): Promise<never> {
    let wait = FIRST_WAIT_MS
    for (;;) {
      try {
        await this.#signIn()
        wait = FIRST_WAIT_MS
        await this.#follow()
        this.#listener.state('waiting', '')
      } catch (error) {
        this.#tell(error)
      }
      await this.#wokenIn(wait)
      wait = Math.min(wait * 1.5, LONGEST_WAIT_MS)
    }
  }

  async #signIn(): Promise<void> {
    const refused = await this.#register()
    const instance = await this.#api.signIn().catch((error: unknown) => {
      // The reason why the code was refused says more than "no key".
      throw error instanceof NotLetIn && refused ? refused : error
    })
    if (instance === this.#instance) return
    const feed = await this.#api.newest()
    await this.#listener.feed(feed)
    // The stream reports what was removed meanwhile, unless the relay has begun anew.
    const isFurther = this.#cursor !== undefined && Number(this.#cursor) <= Number(feed.cursor)
    if (!isFurther) this.#cursor = feed.cursor
    this.#instance = instance
  }

  /** A used-up code does not keep out a browser that was let in before. */
  async #register(): Promise<NotLetIn | undefined> {
    const code = this.#code
    if (code === undefined) return undefined
    try {
      await register(code)
    } catch (error) {
      if (!(error instanceof NotLetIn)) throw error
      this.#code = undefined
      return error
    }
    this.#code = undefined
    return undefined
  }

  /** The page that somebody looks at now comes before others. */
  #lookedAt(): void {
    this.#crowded = ''
    this.#wake()
  }

  async #follow(): Promise<void> {
    while (!(await this.#streamed())) {
      await this.#take('now')
      await this.#wokenIn(document.visibilityState === 'visible' ? SEEN_MS : HIDDEN_MS)
    }
  }

  /** False if this page may not have a stream. */
  async #streamed(): Promise<boolean> {
    if (this.#crowded !== '') return false
    try {
      return await inSlot(() => this.#take('ended'))
    } catch (error) {
      if (!(error instanceof Crowded)) throw error
      this.#crowded = error.message
      return false
    }
  }

  async #take(until: 'now' | 'ended'): Promise<void> {
    const live = () =>
      this.#listener.state(this.#crowded === '' ? 'live' : 'crowded', this.#crowded)
    for await (const [change, cursor] of this.#api.changes(this.#cursor ?? '0', until, live)) {
      this.#listener.change(change)
      this.#cursor = cursor
    }
  }

  #tell(error: unknown): void {
    if (error instanceof NotLetIn) this.#listener.state('closed', error.message)
    else if (error instanceof OtherProgram) this.#listener.state('other program', '')
    else if (error instanceof DOMException && error.name !== 'AbortError')
      this.#listener.state(
        'closed',
        `This browser keeps no key for the page (${error.message}), as some do in private windows: use another window or browser`,
      )
    else this.#listener.state('waiting', error instanceof Refusal ? error.message : '')
  }

  #wokenIn(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms)
      this.#wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }
}
