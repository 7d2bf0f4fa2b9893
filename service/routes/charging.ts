// Counts what a request costs its sender when it comes, whether it is accepted or not. What fails
// through the relay's own fault, and what it has stored before, costs nothing.
import type { RequestHandler, Response } from 'express'

import { FIGURES } from '../policy/quota.ts'
import type { Cost, Quotas } from '../policy/quota.ts'
import { personOf } from './guard.ts'
import { rateHeaders } from './rate-headers.ts'

export class Charging {
  readonly #quotas: Quotas
  readonly #costs = new WeakMap<Response, Map<keyof Cost, number>>()

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
    try {
      this.#quotas.charge(personOf(response), cost)
    } finally {
      this.#tell(response)
    }
    const costs = this.#costs.get(response) ?? new Map<keyof Cost, number>()
    this.#costs.set(response, costs)
    for (const figure of FIGURES) {
      const points = cost[figure] ?? 0
      if (points > 0) costs.set(figure, (costs.get(figure) ?? 0) + points)
    }
  }

  /** Does what may count too, such as direct messages; the answer then tells what is left. */
  async told<T>(response: Response, work: () => Promise<T>): Promise<T> {
    try {
      return await work()
    } finally {
      this.#tell(response)
    }
  }

  #tell(response: Response): void {
    response.set(rateHeaders(this.#quotas.left(personOf(response))))
  }

  #settle(response: Response): void {
    const isFree = response.statusCode >= 500 || response.hasHeader('Idempotent-Replayed')
    if (!isFree) return
    this.#quotas.refund(personOf(response), Object.fromEntries(this.#costs.get(response) ?? []))
  }
}
