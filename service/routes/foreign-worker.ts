// A program that had our port for a while, with the relay not running, may have left a service worker in the browser: it would answer for
// us from then on. Our page has none, so whatever the browser asks for as one is a worker that ends itself and loads its pages again.
import type { NextFunction, Request, Response } from 'express'

const ENDING = `self.addEventListener('install', () => self.skipWaiting())
self.addEventListener('activate', (event) => event.waitUntil(end()))
async function end() {
  await self.registration.unregister()
  for (const client of await self.clients.matchAll({ type: 'window' })) await client.navigate(client.url)
}
`

export function endForeignWorkers(request: Request, response: Response, next: NextFunction): void {
  if (request.get('Service-Worker') !== 'script') {
    next()
    return
  }
  response.set('Cache-Control', 'no-store').type('text/javascript').send(ENDING)
}
