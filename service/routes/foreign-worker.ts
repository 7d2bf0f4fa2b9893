// While the relay was not running, another program may have used its port and left a service worker
// in the browser, which would answer in the relay's place from then on. Our page has no service
// worker. So a browser that asks for the script of one gets a worker that unregisters itself and
// reloads its pages.
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
