// `api/v1/watches`: kernels keep up the watches over their running cells and get the commands that
// people write to them.
import { Router } from 'express'
import type { Request, RequestHandler, Response } from 'express'

import { WatchManifest } from '../../post/contract/watch.ts'
import { CommandsQuery, OneWatch } from '../api/parameters.ts'
import { RelayError } from '../errors.ts'
import type { Watches } from '../replies/watches.ts'
import { personOf } from './guard.ts'
import { jsonBody, readJson } from './json-body.ts'
import type { LongPolls } from './long-poll.ts'
import { readQuery } from './query.ts'

const MOST_BYTES = 64 * 1024

export interface WatchRoutes {
  watches: Watches
  polls: LongPolls
  guardWrite: RequestHandler
}

export function watchesRouter(deps: WatchRoutes): Router {
  const { guardWrite, watches } = deps
  const router = Router()
  router.put('/:id', guardWrite, jsonBody(MOST_BYTES), async (request, response) => {
    const manifest = readJson(WatchManifest, request)
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
  const { after = 0, wait = 0 } = readQuery(CommandsQuery, request)
  await watches.renew(id, person, after)
  await polls.wait(request, response, {
    seconds: wait,
    isOver: () => watches.hasNews(id, after),
    onChange: (look) => watches.onChange(look),
  })
  response.json(watches.state(id, person, after))
}

/** @throws {RelayError} `bad_request` */
function idOf(request: Request): string {
  const read = OneWatch.safeParse(request.params)
  if (read.success) return read.data.id
  throw new RelayError('bad_request', read.error.issues[0]?.message ?? 'Expected the id of a watch')
}
