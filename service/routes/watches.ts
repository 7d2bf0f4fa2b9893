// `api/v1/watches`: kernels keep up the watches over their running cells and get the commands that
// people write to them.
import express, { Router } from 'express'
import type { Request, RequestHandler, Response } from 'express'

import { WatchManifest } from '../../post/contract/watch.ts'
import { RelayError } from '../errors.ts'
import type { Watches } from '../replies/watches.ts'
import { parseJson } from '../offload/json.ts'
import { personOf } from './guard.ts'
import type { LongPolls } from './long-poll.ts'

export interface WatchRoutes {
  watches: Watches
  polls: LongPolls
  guardWrite: RequestHandler
}

export function watchesRouter(deps: WatchRoutes): Router {
  const { guardWrite, watches } = deps
  const router = Router()
  const body = express.text({ type: 'application/json', limit: '64kb' })
  router.put('/:id', guardWrite, body, async (request, response) => {
    const text = typeof request.body === 'string' ? request.body : ''
    const manifest = parseJson(WatchManifest, text, 'the body')
    response.json(await watches.put(idOf(request), personOf(response), manifest))
  })
  router.delete('/:id', guardWrite, async (request, response) => {
    await watches.end(idOf(request), personOf(response))
    response.status(204).end()
  })
  router.get('/:id/commands', guardWrite, (request, response) => listen(deps, request, response))
  return router
}

async function listen(deps: WatchRoutes, request: Request, response: Response): Promise<void> {
  const { watches, polls } = deps
  const id = idOf(request)
  const person = personOf(response)
  const after = afterOf(request)
  await watches.renew(id, person, after)
  await polls.wait(request, response, {
    isOver: () => watches.hasNews(id, after),
    onChange: (look) => watches.onChange(look),
  })
  response.json(watches.state(id, person, after))
}

/** @throws {RelayError} `bad_request` */
function idOf(request: Request): string {
  const id = String(request.params.id)
  if (/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id)) return id
  throw new RelayError('bad_request', 'Expected the id of a watch to be a UUID in lower case')
}

/** @throws {RelayError} `bad_request` */
function afterOf(request: Request): number {
  const { after = '0' } = request.query
  if (typeof after === 'string' && /^\d{1,15}$/.test(after)) return Number(after)
  const got = JSON.stringify(after)
  throw new RelayError('bad_request', `Expected after to be the seq of a command, got ${got}`)
}
