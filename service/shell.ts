// What every app of the relay has, even while storage fails: headers that protect, and a log of its
// requests.
import express from 'express'
import { ServerResponse, IncomingMessage } from 'node:http'
import { Socket } from 'node:net'
import type { Express, RequestHandler } from 'express'
import helmet from 'helmet'

import type { Log } from './log.ts'
import { checkForm } from './request-form.ts'
import { requestLog } from './request-log.ts'

export function shell(log: Log): Express {
  const app = express()
  app.disable('x-powered-by')
  // Nothing is to be cached, and computing an entity tag would hash every answer.
  app.disable('etag')
  app.use(headers())
  app.use(requestLog(log))
  app.use(checkForm)
  return app
}

/** What helmet sets is the same for all answers, so it is asked once. */
function headers(): RequestHandler {
  const request = new IncomingMessage(new Socket())
  const answer = new ServerResponse(request)
  protect(request, answer, () => undefined)
  const known = Object.entries(answer.getHeaders()).map(
    ([name, value]) => [name, String(value)] as const,
  )
  return (_request, response, next) => {
    for (const [name, value] of known) response.setHeader(name, value)
    next()
  }
}

const protect = helmet({
  contentSecurityPolicy: {
    useDefaults: false,
    directives: {
      defaultSrc: ["'none'"],
      scriptSrc: ["'self'"],
      styleSrc: ["'self'"],
      fontSrc: ["'self'"],
      imgSrc: ["'self'", 'data:', 'blob:'],
      connectSrc: ["'self'"],
      baseUri: ["'none'"],
      formAction: ["'none'"],
      frameAncestors: ["'none'"],
    },
  },
  // The relay itself speaks plain HTTP, so this is for the Hub's proxy to decide.
  strictTransportSecurity: false,
  referrerPolicy: { policy: 'no-referrer' },
})
