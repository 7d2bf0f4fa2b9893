// The log of requests: method, path without query, status and duration, but no header and no body.
import type { RequestHandler } from 'express'

import type { Log } from './log.ts'

declare module 'node:http' {
  interface IncomingMessage {
    log: Log
  }
}

export function requestLog(log: Log): RequestHandler {
  return (request, response, next) => {
    request.log = log
    if (!isProbe(request.url)) {
      const began = performance.now()
      const { method, url } = request
      response.once('close', () => {
        if (!log.isLevelEnabled('info')) return
        const [path] = url.split('?')
        const { statusCode, writableFinished } = response
        const ms = Math.round(performance.now() - began)
        const fields = { req: { method, path }, res: { status: statusCode }, responseTime: ms }
        log.info(fields, writableFinished ? 'request completed' : 'request aborted')
      })
    }
    next()
  }
}

/** The Hub asks for the relay's root every minute, and monitors for the other three. */
function isProbe(url: string): boolean {
  return /^[^?]*\/(?:health|ready|metrics)?$/.test(url)
}
