// stderr of a runtime process: what V8 writes when it runs out of memory (collections, a native stack) is no output of the cell, which is told
// in a sentence instead. It is held back until the process is dead, or shows that it lives.
import { Buffer } from 'node:buffer'

/** How V8 and Node begin. */
const STARTS = ['\n<--- Last few GCs --->', 'FATAL ERROR: ']
/** ms that text is held back which may be somebody else's. */
const LONGEST = 2000
/** Bytes of it; V8 writes less. */
const MOST = 64 * 1024

/** Whether the end of stderr says so. */
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

  /** @param nonce - In all that the process writes while it lives. */
  constructor(nonce: string, pass: (chunk: Buffer) => void) {
    this.#nonce = nonce
    this.#pass = pass
  }

  push(chunk: Buffer): void {
    const bytes = this.#held ? Buffer.concat([this.#held, chunk]) : chunk
    const start = startOf(bytes)
    if (start === -1) return this.#release(bytes)
    const rest = bytes.subarray(start)
    // A process that dies changes no stream and ends no cell.
    if (rest.includes(this.#nonce) || rest.length > MOST) return this.#release(bytes)
    if (start > 0) this.#pass(bytes.subarray(0, start))
    this.#held = rest
    this.#timer ??= setTimeout(() => this.#release(this.#held), LONGEST)
  }

  /** The process is gone. @param isKnown - What is held back is said in other words. */
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

/** Also of a beginning that is cut at the end; -1 if there is none. */
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
