// The inbox page, in local mode: static files, and a one-time link that is exchanged for a cookie that may read, and answer from this page.
import express, { Router } from 'express'
import type { Request, Response } from 'express'

import type { LocalGate } from '../hub/local-gate.ts'
import { RelayError } from '../errors.ts'

export interface PageOptions {
  /** Folder with `index.html` and what it loads. */
  root: string
}

const NONCE = /^[A-Za-z0-9_-]{16,128}$/

export function localRouter(gate: LocalGate, page: PageOptions | undefined): Router {
  const router = Router()
  router.get('/api/v1/proof', (request, response) => {
    const { nonce } = request.query
    if (typeof nonce !== 'string' || !NONCE.test(nonce)) {
      throw new RelayError('bad_request', 'Expected ?nonce= of 16 to 128 letters, digits, - or _')
    }
    response.json({ instance: gate.instance, proof: gate.proof(nonce) })
  })
  router.post('/api/v1/links', async (request, response) => {
    await gate.identify(request.headers, 'write')
    response.status(201).json({ path: `?token=${gate.makeLink()}` })
  })
  router.get('/', (request, response, next) => {
    if (request.query.token === undefined) next()
    else open(gate, request, response)
  })
  if (page) router.use(express.static(page.root, { index: 'index.html', maxAge: 0 }))
  else router.get('/', (_request, response) => plain(response, 200, 'This is a jupyterpost relay.'))
  return router
}

function open(gate: LocalGate, request: Request, response: Response): void {
  const { token } = request.query
  const cookie = typeof token === 'string' ? gate.open(token) : undefined
  if (!cookie) {
    plain(
      response,
      403,
      'This link was used before or is too old. `jupyterpost inbox` prints a new one.',
    )
    return
  }
  response.cookie(cookie.name, cookie.value, { httpOnly: true, sameSite: 'strict', path: '/' })
  response.set('Cache-Control', 'no-store').redirect(303, '/')
}

/** On a Hub the page stays off until it has a sign-in; the Hub's probe must see that the relay is up. */
export function hubPage(_request: Request, response: Response): void {
  plain(response, 200, 'This is a jupyterpost relay. Post to it from a notebook: %post @me hello')
}

function plain(response: Response, status: number, line: string): void {
  response.status(status).type('text/plain').send(`${line}\n`)
}
