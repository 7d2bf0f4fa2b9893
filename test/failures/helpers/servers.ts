// Servers at whose addresses a set-up is wrong: with certificates of fixtures/certificates, with
// pages in place of answers; and a small forward proxy.
import { readFileSync } from 'node:fs'
import { createServer as createHttpServer, request as httpRequest } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { connect, createServer as createTcpServer } from 'node:net'
import type { Server, Socket } from 'node:net'
import { join } from 'node:path'
import type { Duplex } from 'node:stream'
import { createServer as createTlsServer } from 'node:tls'

const CERTIFICATES = join(import.meta.dirname, '../fixtures/certificates')

/** As a file that a program is told to trust. */
export const TRUSTED = join(CERTIFICATES, 'trusted.pem')

export interface Place extends AsyncDisposable {
  port: number
}

/** Speaks TLS and passes on what comes to a plain server at this port of this machine. */
export async function tlsBefore(
  certificate: 'trusted' | 'expired' | 'other-name',
  port: number,
): Promise<Place> {
  const read = (end: string) => readFileSync(join(CERTIFICATES, `${certificate}.${end}`))
  const server = createTlsServer({ cert: read('pem'), key: read('key') }, (socket) =>
    joined(socket, connect(port, '127.0.0.1')),
  )
  // A client that does not trust the certificate breaks off.
  server.on('tlsClientError', () => undefined)
  return place(server)
}

/** Answers each request so. */
export async function answering(
  status: number,
  body: string,
  headers: Record<string, string> = { 'content-type': 'text/html' },
): Promise<Place> {
  return place(
    createHttpServer((request, response) => {
      request.resume()
      response.writeHead(status, headers).end(body)
    }),
  )
}

/** Says something that is neither HTTP nor TLS. */
export async function speaking(words: string): Promise<Place> {
  return place(createTcpServer((socket) => socket.on('error', () => undefined).end(words)))
}

/** A port at which nobody listens any more. */
export async function closedPort(): Promise<number> {
  await using server = await speaking('')
  return server.port
}

export interface Proxy extends Place {
  /** For a variable, with a user name and a password. */
  url: string
  /** What passed through it: `CONNECT relay.example:443`, `GET http://relay.example/`. */
  passed: string[]
  /** What it said of who asked. */
  logins: (string | undefined)[]
  /** Its own answer to everything, instead of passing it on. */
  answer: { status: number; body: string } | undefined
  /** It answers nothing. */
  hangs: boolean
}

/** For it, each host name is this machine. */
export async function forwardProxy(): Promise<Proxy> {
  const proxy = { passed: [] as string[], logins: [] as (string | undefined)[] }
  const state: Pick<Proxy, 'answer' | 'hangs'> = { answer: undefined, hangs: false }
  const heard = ({ method, url, headers }: IncomingMessage): boolean => {
    proxy.passed.push(`${method} ${url}`)
    proxy.logins.push(headers['proxy-authorization'])
    return state.hangs
  }
  const server = createHttpServer((request, response) => {
    if (heard(request)) return
    if (state.answer === undefined) passOn(request, response)
    else {
      request.resume()
      response.writeHead(state.answer.status, { 'content-type': 'text/html' })
      response.end(state.answer.body)
    }
  })
  server.on('connect', (request: IncomingMessage, socket: Duplex) => {
    socket.on('error', () => undefined)
    if (heard(request)) return
    if (state.answer !== undefined) {
      socket.end(`HTTP/1.1 ${state.answer.status} No\r\n\r\n`)
      return
    }
    const port = Number(request.url?.split(':').at(-1))
    const upstream = connect(port, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connected\r\n\r\n')
      joined(socket, upstream)
    })
    upstream.on('error', () => socket.destroy())
  })
  const { port, [Symbol.asyncDispose]: dispose } = await place(server)
  const url = `http://ada:pr0xy-secret@127.0.0.1:${port}`
  return Object.assign(state, proxy, { port, url, [Symbol.asyncDispose]: dispose })
}

function passOn(request: IncomingMessage, response: ServerResponse): void {
  const { port, pathname, search } = new URL(request.url ?? '')
  const { method, headers } = request
  const path = `${pathname}${search}`
  const upstream = httpRequest({ host: '127.0.0.1', port, path, method, headers }, (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers)
    answer.pipe(response)
  })
  upstream.on('error', () => response.writeHead(502).end('<html>no such host</html>'))
  request.pipe(upstream)
}

function joined(one: Duplex, other: Duplex): void {
  one.on('error', () => other.destroy())
  other.on('error', () => one.destroy())
  one.on('close', () => other.destroy())
  other.on('close', () => one.destroy())
  one.pipe(other).pipe(one)
}

async function place(server: Server): Promise<Place> {
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return {
    port: address.port,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
