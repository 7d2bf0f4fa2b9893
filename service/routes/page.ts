// The inbox page of a local relay: its files, and how a browser is let in. A code registers one
// key, and a signature by that key opens one session, whose secret goes in a header. A cookie would
// go to every port of this machine (docs/security.md).
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import express, { Router } from 'express'
import type { NextFunction, Request, RequestHandler, Response } from 'express'

import { Admission, Greeting, LinksWanted, Signed } from '../api/local.ts'
import { ProofQuery } from '../api/parameters.ts'
import type { LocalGate } from '../hub/local-gate.ts'
import type { PageAccess } from '../hub/page-access.ts'
import { RelayError } from '../errors.ts'
import { endForeignWorkers } from './foreign-worker.ts'
import { jsonBody, readJson } from './json-body.ts'
import { readQuery } from './query.ts'

export interface PageOptions {
  /** Folder with `index.html` and the files that it loads. */
  root: string
}

export interface LocalRoutes {
  gate: LocalGate
  page: PageOptions | undefined
  /** Ends the streams of pages that may no longer read. */
  recheck: () => void
}

const MOST_BYTES = 16 * 1024

export function localRouter({ gate, page, recheck }: LocalRoutes): Router {
  const access = gate.page
  const router = Router()
  router.get('/api/v1/proof', (request, response) => {
    const { nonce } = readQuery(ProofQuery, request)
    response.json({ instance: gate.instance, proof: gate.proof(nonce) })
  })
  const guardWrite: RequestHandler = async (request, _response, next) => {
    await gate.identify(request.headers, 'write')
    next()
  }
  const json = jsonBody(MOST_BYTES)
  router.post('/api/v1/links', guardWrite, json, (request, response) => {
    const { posts } = readJson(LinksWanted, request)
    const fresh = { page: access.link(), posts: posts.map((post) => access.link(post)) }
    response.status(201).json(fresh)
  })
  router.delete('/api/v1/page/keys', guardWrite, async (_request, response) => {
    const forgotten = await access.forget()
    recheck()
    response.json({ forgotten })
  })
  router.use('/api/v1/page', (request, _response, next) => fromOwnPage(access, request, next))
  router.post('/api/v1/page/keys', json, async (request, response) => {
    const { code, key } = readJson(Admission, request)
    response.status(201).json(await access.admit(code, key))
  })
  router.post('/api/v1/page/challenges', json, (request, response) => {
    const { key, nonce } = readJson(Greeting, request)
    response.status(201).json(access.challenge(key, nonce))
  })
  router.post('/api/v1/page/sessions', json, async (request, response) => {
    const { challenge, signature } = readJson(Signed, request)
    const { secret, isFirst } = await access.open(challenge, signature)
    // Another program may have used our address while no relay was running. Whatever it put in the
    // browser's cache would be shown for old links as long as it wishes.
    if (isFirst) response.set('Clear-Site-Data', '"cache"')
    response.status(201).json({ secret })
  })
  router.use(endForeignWorkers)
  if (page) servePage(router, access, page)
  else router.get('/', (_request, response) => plain(response, 'This is a jupyterpost relay.'))
  return router
}

function servePage(router: Router, access: PageAccess, { root }: PageOptions): void {
  const index = readFileSync(join(root, 'index.html'), 'utf8').replaceAll('%RUN%', access.run)
  router.get('/', (request, response) => {
    if (request.headers.host !== access.host) {
      // Under other names of this machine, the page has no key. The browser keeps what follows `#`.
      response.redirect(307, `${access.origin}${request.originalUrl}`)
      return
    }
    response.set('Cache-Control', 'no-store').type('html').send(index)
  })
  router.use(express.static(root, { index: false, maxAge: 0 }))
}

/**
 * Pages cannot change the `Origin` that their browser sends. A program may leave it out, but has
 * neither key nor code.
 */
function fromOwnPage(access: PageAccess, request: Request, next: NextFunction): void {
  const { host, origin } = request.headers
  if (host !== access.host || (origin !== undefined && origin !== access.origin)) {
    throw new RelayError(
      'wrong_host',
      `Only the page at ${access.origin}/ may do this; open it with the link that \`jupyterpost inbox\` prints`,
    )
  }
  next()
}

/** On a Hub there is no page, because it has no sign-in yet; the Hub only checks for an answer. */
export function hubPage(_request: Request, response: Response): void {
  plain(response, 'This is a jupyterpost relay. Post to it from a notebook: %post @me hello')
}

function plain(response: Response, line: string): void {
  response.status(200).type('text/plain').send(`${line}\n`)
}
