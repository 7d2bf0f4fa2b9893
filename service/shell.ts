// What every app of the relay has, even while storage fails: headers that protect, and a log of its
// requests.
import express from 'express'
import type { Express } from 'express'
import helmet from 'helmet'
import { pinoHttp } from 'pino-http'

import type { Log } from './log.ts'
import { checkForm } from './request-form.ts'

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

function headers() {
  return helmet({
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
}

/** Logs method, path without query, status and duration, but no header and no body. */
function requestLog(log: Log) {
  return pinoHttp({
    logger: log,
    quietReqLogger: true,
    autoLogging: { ignore: (request) => isProbe(request.url ?? '') },
    serializers: {
      req: (request: { method?: string; url?: string }) => ({
        method: request.method,
        path: request.url?.split('?')[0],
      }),
      res: (response: { statusCode?: number }) => ({ status: response.statusCode }),
      err: (error: { message?: string }) => ({ message: error.message }),
    },
  })
}

/** The Hub asks for the relay's root every minute, and monitors for the other three. */
function isProbe(url: string): boolean {
  return /^[^?]*\/(?:health|ready|metrics)?$/.test(url)
}
