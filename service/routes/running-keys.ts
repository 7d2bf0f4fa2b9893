// The idempotency keys of requests that are being handled. A request that comes again meanwhile has
// nothing to answer yet: 409 tells its sender to come back (draft-ietf-httpapi-idempotency-key).
import { RelayError } from '../errors.ts'

/** A chat that does not answer holds a request for 3 s; a client's second try comes after that. */
const AGAIN_S = 2

export class RunningKeys {
  /** Person and key -> hash of the request. */
  readonly #running = new Map<string, string>()

  /**
   * Does the work of a request, unless one with its key is being handled.
   * @throws {RelayError} `idempotency_running`; `idempotency_conflict` if that one is another
   *   request; what `work` throws
   */
  async during<T>(
    person: string,
    idempotency: { key: string; hash: string } | undefined,
    work: () => Promise<T>,
  ): Promise<T> {
    if (!idempotency) return work()
    const { key, hash } = idempotency
    const name = JSON.stringify([person, key])
    const other = this.#running.get(name)
    if (other !== undefined) throw other === hash ? running(key) : conflict(key)
    this.#running.set(name, hash)
    try {
      return await work()
    } finally {
      this.#running.delete(name)
    }
  }
}

function running(key: string): RelayError {
  return new RelayError(
    'idempotency_running',
    `The request with the Idempotency-Key ${key} is being handled; send it again in ${AGAIN_S} s`,
    { retryAfter: AGAIN_S },
  )
}

function conflict(key: string): RelayError {
  return new RelayError(
    'idempotency_conflict',
    `The Idempotency-Key ${key} is in use for another request; use a new key for a new request`,
  )
}
