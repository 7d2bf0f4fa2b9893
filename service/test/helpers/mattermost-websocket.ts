// The websocket of the stand-in Mattermost, as measured on the real one: `hello`, numbered events
// for the user's channels, a silent drop of connections without a token, events kept for a
// connection that comes back, and at a restart an end without a close frame.
import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { WebSocketServer } from 'ws'
import type { WebSocket } from 'ws'
import { Changes } from '../../../test/helpers/until.ts'
import type { MattermostState, Post, User } from './mattermost-state.ts'
import { isRecord, newId } from './mattermost-state.ts'

/** Events kept for a lost connection. */
const MOST_KEPT = 128

interface Line {
  id: string
  user: User
  next: number
  kept: { seq: number; text: string }[]
  socket: WebSocket | undefined
}

export interface WebsocketOptions {
  /** Finds a token's user. */
  userOf: (token: string) => User | undefined
  /** ms until a connection with an unknown token is dropped; 5 s on the real server. */
  dropMs: number
}

/** `hang`: upgrades get no answer; `deaf`: connections stay open, nothing is read or sent. */
export type Trouble = 'hang' | 'deaf'

export class MattermostWebsocket {
  /** What each upgrade asked for: path with query, below `/api/v4`, and its headers. */
  readonly upgrades: { path: string; headers: IncomingMessage['headers'] }[] = []
  /** Takes no token, even if the rest of the server knows it. */
  refused = false
  readonly #state: MattermostState
  readonly #options: WebsocketOptions
  readonly #server = new WebSocketServer({ noServer: true })
  readonly #lines = new Map<string, Line>()
  readonly #drops = new Set<NodeJS.Timeout>()
  readonly #changes = new Changes()
  readonly #sockets = new Set<Duplex>()
  #trouble: Trouble | undefined

  constructor(state: MattermostState, options: WebsocketOptions) {
    this.#state = state
    this.#options = options
    state.onEvent = (event, post) => this.#tell(event, post)
  }

  get trouble(): Trouble | undefined {
    return this.#trouble
  }

  set trouble(trouble: Trouble | undefined) {
    this.#trouble = trouble
    for (const socket of this.#sockets)
      if (trouble === 'deaf') socket.pause()
      else socket.resume()
  }

  /** Number of connections, also of those without a hello. */
  get sockets(): number {
    return this.#sockets.size
  }

  /** Number of connections that are up. */
  get open(): number {
    return [...this.#lines.values()].filter(({ socket }) => socket !== undefined).length
  }

  /** Resolves when `look` returns true; asked whenever a connection comes or goes. */
  async until(look: () => boolean): Promise<void> {
    const saw = () => ({ sockets: this.sockets, open: this.open, upgrades: this.upgrades.length })
    await this.#changes.until(look, String(look), { saw })
  }

  /** Cuts all connections without a close frame; they may come back and resume. */
  cut(): void {
    for (const socket of this.#sockets) socket.destroy()
  }

  /** Forgets what a restart forgets. */
  restart(): void {
    this.cut()
    this.#lines.clear()
  }

  /** Skips the next number, as if an event had been lost. */
  skip(): void {
    for (const line of this.#lines.values()) line.next += 1
  }

  close(): void {
    for (const drop of this.#drops) clearTimeout(drop)
    this.restart()
    this.#server.close()
  }

  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const path = (request.url ?? '').replace(/^\/api\/v4/, '')
    this.upgrades.push({ path, headers: request.headers })
    this.#sockets.add(socket)
    socket.on('error', () => undefined)
    socket.on('close', () => {
      this.#sockets.delete(socket)
      this.#changes.tell()
    })
    this.#changes.tell()
    if (this.trouble === 'hang') {
      // Read, so that its end is noticed.
      socket.resume().on('end', () => socket.end())
      return
    }
    const { origin, host = '' } = request.headers
    if (!path.startsWith('/websocket') || (origin !== undefined && !origin.endsWith(`//${host}`))) {
      socket.end(
        `HTTP/1.1 ${origin === undefined ? 404 : 403} Refused\r\ncontent-length: 0\r\n\r\n`,
      )
      return
    }
    this.#server.handleUpgrade(request, socket, head, (one) => this.#accept(one, request, path))
  }

  #accept(socket: WebSocket, request: IncomingMessage, path: string): void {
    const token = /^(?:bearer|token) (.+)$/i.exec(request.headers.authorization ?? '')?.[1] ?? ''
    const user = this.refused ? undefined : this.#options.userOf(token)
    const query = new URL(path, 'http://stand-in').searchParams
    const asked = query.get('connection_id') ?? ''
    const from = Number(query.get('sequence_number'))
    let line = user && this.#begin(socket, user, asked, from)
    const drop = setTimeout(() => line ?? socket.terminate(), this.#options.dropMs)
    this.#drops.add(drop)
    socket.on('close', () => {
      clearTimeout(drop)
      this.#drops.delete(drop)
      if (line?.socket === socket) line.socket = undefined
      this.#changes.tell()
    })
    socket.on('message', (bytes: Buffer) => {
      const message: unknown = JSON.parse(bytes.toString())
      if (!isRecord(message)) return
      if (message.action === 'authentication_challenge') {
        const { data } = message
        const known = this.#options.userOf(isRecord(data) ? String(data.token) : '')
        if (line) return
        if (!known) socket.terminate()
        else line = this.#begin(socket, known, '', 0)
        return
      }
      const ok = { status: 'OK', data: { text: 'pong' } }
      const refused = {
        status: 'FAIL',
        error: { id: 'api.web_socket_router.not_authenticated.app_error', status_code: 401 },
      }
      socket.send(JSON.stringify({ ...(line ? ok : refused), seq_reply: message.seq }))
    })
  }

  /** Resumes a known connection of the same user, or says hello. */
  #begin(socket: WebSocket, user: User, asked: string, from: number): Line {
    const known = this.#lines.get(asked)
    const canGoOn = known?.user === user && from >= (known.kept[0]?.seq ?? known.next)
    const line: Line = canGoOn ? known : { id: newId(), user, next: 0, kept: [], socket }
    line.socket = socket
    this.#lines.set(line.id, line)
    if (canGoOn) for (const { seq, text } of line.kept) if (seq >= from) socket.send(text)
    if (!canGoOn)
      this.#send(line, 'hello', { connection_id: line.id, server_version: '5.37.0' }, '')
    this.#changes.tell()
    return line
  }

  /** An event about people or a channel; of a channel only those in it hear. */
  tell(event: string, data: object, channelId = ''): void {
    const members = this.#state.channels.get(channelId)?.members
    for (const line of this.#lines.values())
      if (members === undefined || members.has(line.user.id))
        this.#send(line, event, data, channelId)
  }

  #tell(event: string, post: Post): void {
    const channel = this.#state.channels.get(post.channel_id)
    const author = this.#state.users.get(post.user_id)
    for (const line of this.#lines.values()) {
      if (!channel?.members.has(line.user.id)) continue
      const data = {
        channel_name: channel.name,
        channel_type: channel.type,
        post: JSON.stringify(post),
        sender_name: `@${author?.username ?? ''}`,
        team_id: channel.team_id,
      }
      this.#send(line, event, data, channel.id)
    }
  }

  #send(line: Line, event: string, data: object, channelId: string): void {
    const broadcast = { omit_users: null, user_id: '', channel_id: channelId, team_id: '' }
    const text = JSON.stringify({ event, data, broadcast, seq: line.next })
    line.kept.push({ seq: line.next, text })
    line.kept.splice(0, line.kept.length - MOST_KEPT)
    line.next += 1
    if (this.trouble !== 'deaf') line.socket?.send(text)
  }
}
