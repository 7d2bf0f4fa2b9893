// Clients that post as fast as they get answers, each on a connection of its own, over plain
// sockets: an HTTP library would cost the machine more than the server that is measured.
import { connect } from 'node:net'
import type { Socket } from 'node:net'

export interface Rate {
  perSecond: number
  /** ms that half of all answers took at most, and 99 of 100. */
  p50: number
  p99: number
}

export interface Load {
  port: number
  clients: number
  ms: number
  /** The whole request of a client; `n` is different in each. */
  request: (client: number, n: number) => string
  /** Status of each answer; 202 unless given. */
  expected?: number
}

const HEAD_END = '\r\n\r\n'

/** @throws {Error} for an answer with another status */
export async function load({ port, clients, ms, request, expected = 202 }: Load): Promise<Rate> {
  const times: number[] = []
  const open = Array.from({ length: clients }, () => Connection.open(port))
  const connections = await Promise.all(open)
  const start = performance.now()
  const one = async (connection: Connection, client: number) => {
    try {
      while (performance.now() - start < ms) {
        const text = request(client, numbered++)
        const begun = performance.now()
        const { status, body } = await connection.ask(text)
        if (status !== expected) throw new Error(`Expected ${expected}, got ${status}: ${body}`)
        times.push(performance.now() - begun)
      }
    } finally {
      connection.close()
    }
  }
  await Promise.all(connections.map(one))
  return rateOf(times, performance.now() - start)
}

/** Numbers requests over the whole run, so that none is a repetition for the server. */
let numbered = 0

export function rateOf(times: readonly number[], ms: number): Rate {
  const sorted = times.toSorted((a, b) => a - b)
  const at = (part: number) => sorted[Math.floor(sorted.length * part)] ?? Number.NaN
  return { perSecond: (times.length / ms) * 1000, p50: at(0.5), p99: at(0.99) }
}

export interface Answer {
  status: number
  body: string
}

/** A connection that is kept open and has one request under way. */
export class Connection {
  readonly #socket: Socket
  #received = ''
  #answered: PromiseWithResolvers<Answer> | undefined

  private constructor(socket: Socket) {
    this.#socket = socket
    socket.setNoDelay(true).setEncoding('latin1')
    socket.on('data', (text: string) => this.#read(text))
    socket.on('error', (error) => this.#answered?.reject(error))
    socket.on('close', () => this.#answered?.reject(new Error('The server closed the connection')))
  }

  static async open(port: number): Promise<Connection> {
    const socket = connect(port, '127.0.0.1')
    await new Promise<void>((resolve, reject) => {
      socket.once('error', reject)
      socket.once('connect', () => {
        socket.off('error', reject)
        resolve()
      })
    })
    return new Connection(socket)
  }

  ask(request: string): Promise<Answer> {
    this.#answered = Promise.withResolvers<Answer>()
    if (this.#socket.destroyed) this.#answered.reject(new Error('The connection is closed'))
    else this.#socket.write(request)
    return this.#answered.promise
  }

  close(): void {
    this.#answered = undefined
    this.#socket.destroy()
  }

  #read(text: string): void {
    this.#received += text
    const end = this.#received.indexOf(HEAD_END)
    if (end === -1) return
    const head = this.#received.slice(0, end)
    const length = Number(/content-length: (\d+)/i.exec(head)?.[1])
    const body = this.#received.slice(end + HEAD_END.length)
    if (body.length < length) return
    this.#received = ''
    this.#answered?.resolve({ status: Number(head.slice(9, 12)), body })
  }
}
