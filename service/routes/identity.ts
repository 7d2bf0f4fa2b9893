// `api/v1/identity`: links a person to their chat account, by a code that they enter.
import express, { Router } from 'express'
import type { Request, RequestHandler } from 'express'

import { LinkCode, LinkWish } from '../../post/contract/identity.ts'
import type { Identities } from '../policy/identity.ts'
import { parseJson } from '../offload/json.ts'
import { personOf } from './guard.ts'

export interface IdentityDeps {
  identities: Identities
  guardWrite: RequestHandler
}

export function identityRouter({ identities, guardWrite }: IdentityDeps): Router {
  const router = Router()
  const body = express.text({ type: 'application/json', limit: '4kb' })
  router.post('/', guardWrite, body, async (request, response) => {
    const wish = parseJson(LinkWish, textOf(request), 'the body')
    response.json(await identities.ask(wish, personOf(response)))
  })
  router.post('/code', guardWrite, body, async (request, response) => {
    const { code } = parseJson(LinkCode, textOf(request), 'the body')
    response.json(await identities.confirm(code, personOf(response)))
  })
  return router
}

function textOf(request: Request): string {
  return typeof request.body === 'string' ? request.body : ''
}
