// The state of the relay: `/health` (it runs), `/ready` (each part works) and `/metrics` (numbers).
// The Hub and monitors ask often, so answers must be cheap. Without a token `/ready` only says
// whether the relay is ready: behind the Hub's proxy every caller has the address of this machine,
// so an address allows nothing.
import { Router } from 'express'
import type { Request, Response } from 'express'

import type { Gate } from '../hub/gate.ts'

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

/** What `/ready` says to everyone. */
type State = 'ready' | 'not ready'

export interface StatusDeps {
  gate: Gate
  parts: () => Promise<Part[]>
  /** Undefined while there is nothing to count. */
  metrics: { read: () => Promise<string>; contentType: string } | undefined
}

export function statusRouter({ gate, parts, metrics }: StatusDeps): Router {
  const router = Router()
  router.get('/health', (_request, response) => {
    response.json({ status: 'ok' })
  })
  router.get('/ready', async (request: Request, response: Response) => {
    // With a token somebody wants more than the state: if it is not enough, they are told why.
    const isAdmin = request.headers.authorization !== undefined
    if (isAdmin) await gate.identify(request.headers, 'details')
    const all = await parts()
    const isReady = all.every((part) => part.ready)
    const status: State = isReady ? 'ready' : 'not ready'
    response
      .status(isReady ? 200 : 503)
      .set('Cache-Control', 'no-store')
      .json({ status, ...(isAdmin && { parts: all }) })
  })
  if (metrics) {
    router.get('/metrics', async (request, response) => {
      await gate.identify(request.headers, 'metrics')
      const text = await metrics.read()
      response.set('Cache-Control', 'no-store').type(metrics.contentType).send(text)
    })
  }
  return router
}
