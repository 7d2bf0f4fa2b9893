// `api/v1/identity`: links a person to their chat account, by a code that they enter.
import { Router } from 'express'
import type { RequestHandler } from 'express'

import { LinkCode, LinkWish } from '../../post/contract/identity.ts'
import type { Identities } from '../policy/identity.ts'
import { personOf } from './guard.ts'
import { jsonBody, readJson } from './json-body.ts'

const MOST_BYTES = 4 * 1024

export interface IdentityDeps {
  identities: Identities
  guardWrite: RequestHandler
}

export function identityRouter({ identities, guardWrite }: IdentityDeps): Router {
  const router = Router()
  const body = jsonBody(MOST_BYTES)
  router.post('/', guardWrite, body, async (request, response) => {
    const wish = readJson(LinkWish, request)
    response.json(await identities.ask(wish, personOf(response)))
  })
  router.post('/code', guardWrite, body, async (request, response) => {
    const { code } = readJson(LinkCode, request)
    response.json(await identities.confirm(code, personOf(response)))
  })
  return router
}
