// The state of the relay: `/health` (it runs), `/ready` (each part works) and `/metrics` (numbers).
// The Hub and monitors ask often, so answers must be cheap.
import { Router } from 'express'
import type { RequestHandler } from 'express'
import type { Registry } from 'prom-client'

export interface Part {
  name: string
  ready: boolean
  /** One sentence for an admin, without secrets. */
  detail: string
}

/** Checks one part. Never throws. */
export type Check = (signal: AbortSignal) => Promise<Part>

const CHECK_MS = 3000
/** However often monitors ask, the chat services are asked again only after this time. */
const FRESH_MS = 5000

export class ReadyChecks {
  readonly #checks: Check[]
  readonly #now: () => number
  #last: { at: number; parts: Promise<Part[]> } | undefined

  constructor(checks: Check[], now: () => number) {
    this.#checks = checks
    this.#now = now
  }

  async parts(): Promise<Part[]> {
    if (!this.#last || this.#now() - this.#last.at > FRESH_MS) {
      const signal = AbortSignal.timeout(CHECK_MS)
      const parts = Promise.all(this.#checks.map((check) => check(signal)))
      this.#last = { at: this.#now(), parts }
    }
    return this.#last.parts
  }
}

export function statusRouter(
  checks: ReadyChecks,
  metrics: { registry: Registry; guard: RequestHandler },
): Router {
  const router = Router()
  router.get('/health', (_request, response) => {
    response.json({ status: 'ok' })
  })
  router.get('/ready', async (_request, response) => {
    const parts = await checks.parts()
    const ready = parts.every((part) => part.ready)
    response.status(ready ? 200 : 503).json({ ready, parts })
  })
  router.get('/metrics', metrics.guard, async (_request, response) => {
    const text = await metrics.registry.metrics()
    response.type(metrics.registry.contentType).send(text)
  })
  return router
}
