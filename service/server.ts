// The relay's HTTP server. It closes as soon as all requests are answered.
import { createServer } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import type { RequestListener, Server } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { answerBroken } from './broken-request.ts'
import type { Current } from './broken-request.ts'
import { closingTime } from './closing.ts'
import type { Certificates } from './hub/certificates.ts'

/** How often to look for connections that have got their last answer. */
const SWEEP_MS = 20

export interface BoundServer {
  port: number
  /** Answers that are not out at the deadline are cut off. */
  close(deadline?: AbortSignal): Promise<void>
}

/** @throws {Error} `EADDRINUSE` and its like */
export async function bindServer(
  handler: RequestListener,
  at: { host: string; port: number },
  certificates?: Certificates,
): Promise<BoundServer> {
  // The app refuses a request without Host itself, in words.
  const options = { requireHostHeader: false }
  const server: Server = certificates
    ? // Only the Hub's proxy and the Hub itself have a certificate of its authority.
      createSecureServer(
        { ...options, ...certificates, requestCert: true, rejectUnauthorized: true },
        handler,
      )
    : createServer(options, handler)
  const answering = new WeakMap<Duplex, Current>()
  server.on('request', (request, response) => {
    answering.set(request.socket, { request, response })
    response.once('close', () => answering.delete(request.socket))
  })
  server.on('clientError', (error, socket) => answerBroken(error, socket, answering.get(socket)))
  // Express answers it; Node's own answer has no words.
  server.on('checkExpectation', handler)
  // Browsers open connections in advance. Until the first request, Node does not count one as idle,
  // so it must be closed here.
  const unused = new Set<Socket>()
  // With TLS, a request has the socket of `secureConnection`.
  server.on(certificates ? 'secureConnection' : 'connection', (socket: Socket) => {
    unused.add(socket)
    socket.once('close', () => unused.delete(socket))
  })
  server.on('request', ({ socket }) => unused.delete(socket))
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(at.port, at.host, () => {
      server.off('error', reject)
      resolve()
    })
  })
  const bound = server.address()
  const port = typeof bound === 'object' && bound !== null ? bound.port : at.port
  const cut = () => server.closeAllConnections()
  const close = async (deadline = closingTime()) => {
    const closed = new Promise<void>((resolve) => server.close(() => resolve()))
    for (const socket of unused) socket.destroy()
    // A kept-alive connection becomes idle when its last answer is out, maybe a moment later.
    const sweep = setInterval(() => server.closeIdleConnections(), SWEEP_MS)
    if (deadline.aborted) cut()
    else deadline.addEventListener('abort', cut)
    await closed
    clearInterval(sweep)
    deadline.removeEventListener('abort', cut)
  }
  return { port, close }
}
