// Counts what a request costs its sender when it comes, whether it is accepted or not. What fails
// through the relay's own fault, and what it has stored before, costs nothing.
import type { RequestHandler, Response } from 'express'

import type { Cost, Quotas } from '../policy/quota.ts'
import { personOf } from './guard.ts'

export class Charging {
  readonly #quotas: Quotas
  readonly #costs = new WeakMap<Response, Cost[]>()

  constructor(quotas: Quotas) {
    this.#quotas = quotas
  }

  /** Counts a try, before its body is read. */
  tries(what: 'postsPerMinute' | 'changesPerMinute'): RequestHandler {
    return (_request, response, next) => {
      response.once('finish', () => this.#settle(response))
      this.charge(response, { [what]: 1 })
      next()
    }
  }

  /** @throws {RelayError} `too_many` */
  charge(response: Response, cost: Cost): void {
    this.#quotas.charge(personOf(response), cost)
    this.#costs.set(response, [...(this.#costs.get(response) ?? []), cost])
  }

  #settle(response: Response): void {
    const isFree = response.statusCode >= 500 || response.hasHeader('Idempotent-Replayed')
    if (!isFree) return
    for (const cost of this.#costs.get(response) ?? [])
      this.#quotas.refund(personOf(response), cost)
  }
}
