// The token of a bot, from a file that is read anew when it changes: a token that is replaced (by
// an admin, by Kubernetes, by a program that renews it) needs no restart. A file that is gone, or
// has no token in it, changes nothing.
import { readFileSync, statSync } from 'node:fs'

import { codeOf } from '../../post/contract/error.ts'
import { sentence } from '../../post/contract/sentence.ts'
import { isToken } from '../../post/relay/token.ts'

/** Between two looks at the file, in ms. */
const LOOK_MS = 1000

export interface TokenFileOptions {
  path: string
  /** As it was read at the start. */
  token: string
  /** Takes what an admin should know, without the token. */
  note: (words: string) => void
  /** Milliseconds of this process. */
  monotonic: () => number
}

export class TokenFile {
  readonly #options: TokenFileOptions
  #token: string
  #looked: number
  #seen: string

  constructor(options: TokenFileOptions) {
    this.#options = options
    this.#token = options.token
    this.#looked = options.monotonic()
    this.#seen = stateOf(options.path)
  }

  /** The newest token. Never throws. */
  current(): string {
    const now = this.#options.monotonic()
    if (now - this.#looked < LOOK_MS) return this.#token
    this.#looked = now
    const state = stateOf(this.#options.path)
    if (state === this.#seen) return this.#token
    this.#seen = state
    try {
      this.#options.note(this.read())
    } catch (error) {
      this.#options.note(Error.isError(error) ? error.message : String(error))
    }
    return this.#token
  }

  /** Reads the file now. @returns What came of it. @throws {Error} that says what is wrong. */
  read(): string {
    const { path } = this.#options
    const token = textOf(path).trim()
    if (!isToken(token))
      throw new Error(
        `${path} has no token any more, so the last one stays: ${sentence('tokenCharacters')}`,
      )
    const isNew = token !== this.#token
    this.#token = token
    return isNew ? `the bot has a new token, from ${path}` : `the bot has the same token`
  }
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (cause) {
    const code = codeOf(cause) ?? 'unknown error'
    throw new Error(`${path} cannot be read (${code}), so the last token stays`, { cause })
  }
}

/** Differs whenever the file was written, or another took its place. */
function stateOf(path: string): string {
  try {
    const { mtimeNs, ino, size } = statSync(path, { bigint: true })
    return `${mtimeNs} ${ino} ${size}`
  } catch {
    return 'it is not there' // or cannot be seen; reading it says which
  }
}
