// stderr of a runtime process. What V8 writes when it runs out of memory (garbage collections, a
// native stack) is not shown as output: the cell ends with a sentence instead. Such text is held
// back until the process is dead or shows that it lives.
import { Buffer } from 'node:buffer'

/** How V8's and Node's reports begin. */
const STARTS = ['\n<--- Last few GCs --->', 'FATAL ERROR: ']
/** ms that text is held back at most: it may come from somebody else. */
const LONGEST = 2000
/** Bytes held back at most; V8 writes less. */
const MOST = 64 * 1024

/** Whether the process ran out of memory, by the end of its stderr. */
export function ranOutOfMemory(lastWords: string): boolean {
  return (
    lastWords.includes('heap out of memory') || lastWords.includes('Array buffer allocation failed')
  )
}

export class LastWords {
  readonly #nonce: string
  readonly #pass: (chunk: Buffer) => void
  #held: Buffer | undefined
  #timer: NodeJS.Timeout | undefined

  /** @param nonce - Occurs in everything that the process writes while it lives. */
  constructor(nonce: string, pass: (chunk: Buffer) => void) {
    this.#nonce = nonce
    this.#pass = pass
  }

  push(chunk: Buffer): void {
    const bytes = this.#held ? Buffer.concat([this.#held, chunk]) : chunk
    const start = startOf(bytes)
    if (start === -1) return this.#release(bytes)
    const rest = bytes.subarray(start)
    // The process goes on writing, or writes more than V8 does: it is not dying.
    if (rest.includes(this.#nonce) || rest.length > MOST) return this.#release(bytes)
    if (start > 0) this.#pass(bytes.subarray(0, start))
    this.#held = rest
    this.#timer ??= setTimeout(() => this.#release(this.#held), LONGEST)
  }

  /** The process is gone. @param isKnown - What is held back is told in other words. */
  end(isKnown: boolean): void {
    this.#release(isKnown ? undefined : this.#held)
  }

  #release(bytes: Buffer | undefined): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#held = undefined
    if (bytes && bytes.length > 0) this.#pass(bytes)
  }
}

/** Where a report begins, also one cut at the end of the bytes; -1 if there is none. */
function startOf(bytes: Buffer): number {
  const text = bytes.toString('latin1')
  for (const start of STARTS) {
    const found = text.indexOf(start)
    if (found !== -1 && (start.startsWith('\n') || found === 0 || text[found - 1] === '\n'))
      return found
    const tail = text.lastIndexOf(start.slice(0, 2))
    if (tail !== -1 && text.length - tail < start.length && start.startsWith(text.slice(tail)))
      return tail
  }
  return -1
}
