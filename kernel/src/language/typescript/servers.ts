// The life of the language server: one at a time. It may die, hang or eat memory; then it is
// ended, and once it is gone the next takes its place.
import { setImmediate } from 'node:timers/promises'
import { usageOf } from '../../runtime/processes.ts'
import type { TypeScriptServer } from './server.ts'

/** ms in which each request is answered, or the server hangs. */
const PATIENCE = 10_000
/** Bytes; far more than it needs after thousands of cells. */
const MOST_MEMORY = 600e6
/** ms between looks at its memory. */
const LOOK = 10_000
/** ms that a server should live; if it does not, the next one waits longer and longer. */
const SHORT_LIFE = 2000
const LONGEST_PAUSE = 5000
/** After so many in a row a server is started only when somebody asks. */
const MOST_SHORT_LIVES = 10

type Question<Answer> = (server: TypeScriptServer) => Promise<Answer>

export class Servers {
  readonly #open: () => Promise<TypeScriptServer>
  #current: Promise<TypeScriptServer | undefined> | undefined
  #last: TypeScriptServer | undefined
  #closed = false
  #shortLives = 0
  /** Before this time no server is started. */
  #notBefore = 0
  #looked = 0

  /** @param open - Starts a process; rejects if that is not possible at all. */
  constructor(open: () => Promise<TypeScriptServer>) {
    this.#open = open
  }

  /** The server that lives, else a new one. Undefined if there cannot be one now. */
  get(): Promise<TypeScriptServer | undefined> {
    if (this.#closed) return Promise.resolve(undefined)
    if (!this.#current && Date.now() < this.#notBefore) return Promise.resolve(undefined)
    this.#current ??= this.#start()
    return this.#current
  }

  /** Asks the server; undefined if there is none, or if two die or hang over it. */
  async ask<Answer>(question: Question<Answer>): Promise<Answer | undefined> {
    for (let tries = 0; tries < 2; tries++) {
      const server = await this.get()
      if (!server) return undefined
      const answer = await this.#askOne(server, question)
      if (answer || server.isAlive) return answer?.value
    }
    return undefined
  }

  async #askOne<Answer>(
    server: TypeScriptServer,
    question: Question<Answer>,
  ): Promise<{ value: Answer } | undefined> {
    const hangs = setTimeout(() => void server.kill(), PATIENCE)
    try {
      return { value: await question(server) }
    } catch (error) {
      // It died, or it has no answer for what is half typed.
      if (!Error.isError(error)) throw error
      // One that is dead is known as such a moment later.
      await Promise.race([server.exited, setImmediate()])
      return undefined
    } finally {
      clearTimeout(hangs)
      this.#look(server)
    }
  }

  async close(): Promise<void> {
    this.#closed = true
    await this.#last?.kill()
  }

  async #start(): Promise<TypeScriptServer | undefined> {
    const since = Date.now()
    let server: TypeScriptServer | undefined
    try {
      server = await this.#open()
      this.#last = server
      void server.exited.then(() => this.#gone(since))
      if (this.#closed) await server.kill()
      await server.initialize()
      return server
    } catch (error) {
      // It died while it started, or there is no program for this system.
      if (!Error.isError(error)) throw error
      if (server) await server.kill()
      else this.#gone(since)
      return undefined
    }
  }

  /** The next one starts before somebody asks. */
  #gone(since: number): void {
    this.#current = undefined
    const lived = Date.now() - since
    this.#shortLives = lived < SHORT_LIFE ? this.#shortLives + 1 : 0
    const pause = this.#shortLives < 3 ? 0 : 50 * 2 ** Math.min(this.#shortLives, 10)
    this.#notBefore = Date.now() + Math.min(pause, LONGEST_PAUSE)
    if (this.#shortLives < MOST_SHORT_LIVES) {
      setTimeout(() => void this.get(), Math.min(pause, LONGEST_PAUSE)).unref()
    }
  }

  #look(server: TypeScriptServer): void {
    const { pid } = server
    if (pid === undefined || Date.now() - this.#looked < LOOK) return
    this.#looked = Date.now()
    void usageOf(pid).then(({ bytes }) => (bytes > MOST_MEMORY ? server.kill() : undefined))
  }
}
