// The way of a request to a server, directly or through the proxy of the environment (HTTP_PROXY,
// HTTPS_PROXY, NO_PROXY). What makes a way closes it: then no connection of it is left, not even
// one that a proxy does not answer.
import http from 'node:http'
import https from 'node:https'
import { TLSSocket } from 'node:tls'
import type { Duplex } from 'node:stream'
import { sentence } from '../contract/sentence.ts'
import { bareHost, isListed } from './no-proxy.ts'

export interface Proxy {
  /** With its password, if it has one: never shown. */
  url: URL
  /** The name of its variable, as in the environment. */
  setting: string
}

export interface WayOptions {
  /** Milliseconds until the connection must be there, if it is limited. */
  connectMs?: number
  /** Whether connections are kept for further requests. */
  keepAlive?: boolean
  /** In PEM: what this side shows, and the only authority that it trusts. */
  certificates?: { key: string; cert: string; ca: string } | undefined
}

/** A kept connection without a request is closed after this time, as by Node's own agents. */
const IDLE_MS = 5000

/** A variable names a proxy that cannot be used. The message says so, without its value. */
export class BadProxy extends Error {
  override name = 'BadProxy'
}

export class Way {
  readonly agent: http.Agent
  /** Undefined if requests go directly. */
  readonly proxy: Proxy | undefined
  readonly #opened: Opened

  /**
   * @param to - Any address of the server.
   * @throws {BadProxy}
   */
  constructor(to: URL, options: WayOptions = {}) {
    const { keepAlive = false, certificates } = options
    this.proxy = proxyFor(to)
    this.#opened = new Opened(options.connectMs)
    // Node's agents know both kinds of proxy; which hosts need none is decided here.
    const url = this.proxy?.url.href
    const proxyEnv = url === undefined ? {} : { HTTP_PROXY: url, HTTPS_PROXY: url }
    const agent = { keepAlive, proxyEnv, ...(keepAlive && { timeout: IDLE_MS }) }
    this.agent =
      to.protocol === 'https:' || to.protocol === 'wss:'
        ? new SecureAgent({ ...agent, ...certificates }, this.#opened)
        : new PlainAgent(agent, this.#opened)
  }

  /** What a proxy said instead of connecting, if it did. */
  get refusal(): number | undefined {
    return this.#opened.refusal
  }

  close(): void {
    this.agent.destroy()
    this.#opened.destroy()
  }
}

function proxyFor(to: URL): Proxy | undefined {
  if (isThisMachine(to.hostname)) return undefined
  // A websocket has no variables of its own.
  const url = new URL(to.href.replace(/^ws/, 'http'))
  const setting = [`${url.protocol.slice(0, -1)}_proxy`, 'all_proxy']
    .map(inEnvironment)
    .find((name) => process.env[name])
  const exempt = process.env[inEnvironment('no_proxy')] ?? ''
  if (setting === undefined || isListed(url, exempt)) return undefined
  const given = process.env[setting]?.trim() ?? ''
  const proxy = URL.parse(given.includes('://') ? given : `http://${given}`)
  if (proxy && /^https?:$/.test(proxy.protocol)) return { url: proxy, setting }
  throw new BadProxy(sentence('badProxy', { setting }))
}

/** In lower case it wins, even if it is empty. */
function inEnvironment(name: string): string {
  return process.env[name] === undefined ? name.toUpperCase() : name
}

/** The local relay, and whatever else runs on this machine, is never behind a proxy. */
function isThisMachine(hostname: string): boolean {
  const host = bareHost(hostname)
  const isNamed = host === 'localhost' || host.endsWith('.localhost')
  const isAny = host === '0.0.0.0' || host === '::'
  // `::ffff:7f00:1` is 127.0.0.1 as IPv6.
  return isNamed || isAny || host === '::1' || /^(127\.|::ffff:7f[0-9a-f]{2}:)/.test(host)
}

/** The sockets of a way: those that wait for a proxy are not known to Node's agent. */
class Opened {
  refusal: number | undefined
  readonly #connectMs: number | undefined
  readonly #sockets = new Set<Duplex>()

  constructor(connectMs: number | undefined) {
    this.#connectMs = connectMs
  }

  add(socket: Duplex): void {
    this.#sockets.add(socket)
    socket.once('close', () => this.#sockets.delete(socket))
    if (this.#connectMs !== undefined) limitConnect(socket, this.#connectMs)
  }

  failed(error: unknown): void {
    if (!Error.isError(error) || !('statusCode' in error)) return
    if (typeof error.statusCode === 'number') this.refusal = error.statusCode
  }

  destroy(): void {
    for (const socket of this.#sockets) socket.destroy()
  }
}

/** Closes a connection that takes too long. */
function limitConnect(socket: Duplex, ms: number): void {
  const timer = setTimeout(() => {
    socket.destroy(Object.assign(new Error('connect timed out'), { code: 'CONNECT_TIMEOUT' }))
  }, ms)
  const stop = (): void => clearTimeout(timer)
  socket.once(socket instanceof TLSSocket ? 'secureConnect' : 'connect', stop)
  socket.once('close', stop)
}

type Create = http.Agent['createConnection']

/** The same arguments, with a callback that hears of a proxy's refusal. */
function heard([options, callback]: Parameters<Create>, opened: Opened): Parameters<Create> {
  return [
    options,
    (error, socket) => {
      opened.failed(error)
      callback?.(error, socket)
    },
  ]
}

class PlainAgent extends http.Agent {
  readonly #opened: Opened

  constructor(options: http.AgentOptions, opened: Opened) {
    super(options)
    this.#opened = opened
  }

  override createConnection(...args: Parameters<Create>) {
    const socket = super.createConnection(...heard(args, this.#opened))
    if (socket) this.#opened.add(socket)
    return socket
  }
}

class SecureAgent extends https.Agent {
  readonly #opened: Opened

  constructor(options: https.AgentOptions, opened: Opened) {
    super(options)
    this.#opened = opened
  }

  override createConnection(...args: Parameters<Create>) {
    const socket = super.createConnection(...heard(args, this.#opened))
    if (socket) this.#opened.add(socket)
    return socket
  }
}
