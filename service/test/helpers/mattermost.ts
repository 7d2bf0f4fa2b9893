// A stand-in Mattermost over real HTTP: behaves as measured on the real one, fails as told, and
// records each request. As a separate process (`node mattermost.ts`) it prints one line of JSON:
// {url, token, team}.
import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { buffer } from 'node:stream/consumers'
import { Changes } from '../../../test/helpers/until.ts'
import { isRecord, MattermostState, newId, Refused } from './mattermost-state.ts'
import type { Channel, Post, User } from './mattermost-state.ts'
import { MattermostWebsocket } from './mattermost-websocket.ts'

export interface RecordedRequest {
  method: string
  /** Below `/api/v4`, with the query. */
  path: string
  headers: IncomingMessage['headers']
  body: Buffer
  /** Parsed if the body was JSON. */
  json: unknown
}

/** What happens to a request instead of its usual answer. */
export type Fault =
  /** This answer, nothing done. */
  | { kind: 'answer'; status: number; body: string; headers?: Record<string, string> }
  /** Refused in the server's own form, nothing done. */
  | { kind: 'refusal'; status: number; id: string }
  /** Nothing done, no answer. */
  | { kind: 'hang' }
  /** Done, no answer. */
  | { kind: 'silent' }
  /** Nothing done, connection reset. */
  | { kind: 'reset' }
  /** Done, then the connection breaks in the middle of the answer. */
  | { kind: 'reset mid-body' }
  /** Done, but the post loses these files. */
  | { kind: 'drop files'; names: string[] }

interface ArmedFault {
  method: string
  path: RegExp
  fault: Fault
  left: number
}

export interface MattermostOptions {
  now?: () => number
  config?: Record<string, string>
  /** ms until a websocket without a known token is dropped; 5 s unless given. */
  dropMs?: number
}

/** ms that Mattermost keeps a connection open after an answer (`IdleTimeout`). */
const IDLE_MS = 60_000

export class MattermostServer implements AsyncDisposable {
  readonly token = newId()
  readonly team = 'qt'
  readonly state: MattermostState
  readonly bot: User
  readonly requests: RecordedRequest[] = []
  /** Refuses files from their first byte on, as a proxy does, and leaves the connection open. */
  readsNoFiles = false
  /** An admin disabled the bot: its token is refused as an unknown one is. */
  botIsDisabled = false
  readonly websocket: MattermostWebsocket
  readonly #server = createServer(
    { keepAliveTimeout: IDLE_MS },
    (request, response) => void this.#handle(request, response),
  )
  readonly #tokens = new Map<string, string>()
  #faults: ArmedFault[] = []
  readonly #arrivals = new Changes()

  private constructor({ now = Date.now, config = {}, dropMs = 5000 }: MattermostOptions) {
    this.state = new MattermostState(now, {
      Version: '5.37.0',
      MaxPostSize: '16383',
      MaxFileSize: '104857600',
      EnableFileAttachments: 'true',
      EnableLatex: 'false',
      ...config,
    })
    const team = { id: newId(), name: this.team, members: new Set<string>() }
    this.state.teams.set(team.id, team)
    this.bot = this.addUser('jupyterpost', { isBot: true })
    this.#tokens.set(this.token, this.bot.id)
    this.websocket = new MattermostWebsocket(this.state, {
      userOf: (token) => this.state.users.get(this.#tokens.get(token) ?? ''),
      dropMs,
    })
    this.#server.on('upgrade', (request, socket, head) =>
      this.websocket.upgrade(request, socket, head),
    )
  }

  static async start(options: MattermostOptions = {}, port = 0): Promise<MattermostServer> {
    const server = new MattermostServer(options)
    await server.#listen(port)
    return server
  }

  get url(): string {
    const address = this.#server.address()
    if (address === null || typeof address === 'string') throw new Error('The stand-in is closed')
    return `http://127.0.0.1:${address.port}`
  }

  async close(): Promise<void> {
    this.websocket.close()
    await this.#stop()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  /** Away while `meanwhile` runs, then back at its address: forgets its memory, not its tokens. */
  async restart(meanwhile: () => Promise<void> | void = () => undefined): Promise<void> {
    const port = Number(new URL(this.url).port)
    this.websocket.restart()
    await this.#stop()
    this.state.forgetKeys()
    await meanwhile()
    await this.#listen(port)
  }

  /** Adds another bot to the team, with its token. */
  addBot(username: string): User & { token: string } {
    const token = newId()
    const user = this.addUser(username, { isBot: true })
    this.#tokens.set(token, user.id)
    return { ...user, token }
  }

  /** A person writes in a channel, or in the thread of a message. */
  write(username: string, channelId: string, message: string, more: object = {}): Post {
    const body = { channel_id: channelId, message, ...more }
    return this.state.addPost(body, this.state.user(username))
  }

  async #listen(port: number): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(port, '127.0.0.1', resolve))
  }

  async #stop(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve))
    this.#server.closeAllConnections()
    await closed
  }

  addUser(username: string, options: { isBot?: boolean; inTeam?: boolean } = {}): User {
    const { isBot = false, inTeam = true } = options
    const user = { id: newId(), username, is_bot: isBot, delete_at: 0 }
    this.state.users.set(user.id, user)
    if (inTeam) this.state.team(this.team).members.add(user.id)
    return user
  }

  /** Somebody leaves a channel, or is removed: those in it hear of it. */
  leaves(username: string, channelId: string): void {
    const { id } = this.state.user(username)
    this.websocket.tell('user_removed', { user_id: id, remover_id: id }, channelId)
    this.state.channels.get(channelId)?.members.delete(id)
  }

  /** No `user_removed` is told for the team's channels. */
  leavesTeam(username: string): void {
    const { id } = this.state.user(username)
    this.state.team(this.team).members.delete(id)
    this.websocket.tell('leave_team', { user_id: id, team_id: this.state.team(this.team).id })
  }

  /** The team with its channels, for good. */
  deletesTeam(): void {
    const { id } = this.state.team(this.team)
    this.state.teams.delete(id)
    for (const [channelId, channel] of this.state.channels)
      if (channel.team_id === id) this.state.channels.delete(channelId)
  }

  /** The account stays a member of team and channels. */
  deactivates(username: string): void {
    const user = this.state.user(username)
    user.delete_at = 1
    this.websocket.tell('user_updated', { user })
    this.websocket.tell('user_activation_status_change', {})
  }

  archives(channelId: string): void {
    const channel = this.state.channels.get(channelId)
    if (channel) channel.delete_at = 1
    this.websocket.tell('channel_deleted', { channel_id: channelId })
  }

  /** Adds a channel to the team with these members, by name. */
  addChannel(name: string, members: readonly string[], type: 'O' | 'P' = 'O'): Channel {
    const ids = new Set(members.map((member) => this.state.user(member).id))
    return this.state.addChannel({
      name,
      type,
      team_id: this.state.team(this.team).id,
      members: ids,
    })
  }

  /** Makes the next `times` such requests fail. `path` is matched without the query. */
  fail(method: string, path: RegExp, fault: Fault, times = 1): void {
    this.#faults.push({ method, path, fault, left: times })
  }

  /** Nothing fails any more. */
  heal(): void {
    this.#faults = []
  }

  /** How many connections are open, websockets included. */
  async connections(): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#server.getConnections((error, count) => (error ? reject(error) : resolve(count)))
    })
  }

  /** Messages in a channel, oldest first. */
  messages(channelId: string): Post[] {
    return this.state.posts.filter((post) => post.channel_id === channelId && post.delete_at === 0)
  }

  sent(method: string, path: RegExp): RecordedRequest[] {
    return this.requests.filter((one) => one.method === method && path.test(one.path))
  }

  /** Resolves when this many such requests have come. */
  async arrived(method: string, path: RegExp, count = 1): Promise<void> {
    const haveCome = () => this.sent(method, path).length >= count
    const saw = () => this.requests.slice(-20).map((one) => `${one.method} ${one.path}`)
    await this.#arrivals.until(haveCome, `${count} requests ${method} ${String(path)}`, { saw })
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (this.readsNoFiles && request.url?.endsWith('/files') === true) {
      request.socket.write('HTTP/1.1 413 Too Large\r\ncontent-length: 2\r\n\r\nno')
      return
    }
    const recorded: RecordedRequest = {
      method: request.method ?? '',
      path: (request.url ?? '').replace(/^\/api\/v4/, ''),
      headers: request.headers,
      body: await buffer(request),
      json: undefined,
    }
    if (request.headers['content-type'] === 'application/json')
      recorded.json = JSON.parse(recorded.body.toString())
    this.requests.push(recorded)
    this.#arrivals.tell()

    const fault = this.#takeFault(recorded)
    if (fault?.kind === 'hang') return
    if (fault?.kind === 'reset') {
      request.socket.resetAndDestroy()
      return
    }
    if (fault?.kind === 'refusal') {
      const { status, id } = fault
      const refused = { id, message: 'No', detailed_error: '', request_id: newId() }
      response.writeHead(status, { 'content-type': 'application/json' })
      response.end(JSON.stringify({ ...refused, status_code: status }))
      return
    }
    if (fault?.kind === 'answer') {
      response.writeHead(fault.status, { 'content-type': 'text/plain', ...fault.headers })
      response.end(fault.body)
      return
    }
    if (fault?.kind === 'drop files') this.#dropFiles(fault.names)
    const [status, body] = this.#answer(recorded)
    if (fault?.kind === 'silent') return
    const json = JSON.stringify(body)
    response.writeHead(status, {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(json),
      'x-version-id': '5.37.0',
    })
    if (fault?.kind === 'reset mid-body') {
      response.write(json.slice(0, json.length / 2), () => request.socket.resetAndDestroy())
      return
    }
    response.end(json)
  }

  #takeFault({ method, path }: RecordedRequest): Fault | undefined {
    const bare = path.replace(/\?.*/, '')
    const armed = this.#faults.find((one) => one.method === method && one.path.test(bare))
    if (!armed) return undefined
    armed.left--
    this.#faults = this.#faults.filter(({ left }) => left > 0)
    return armed.fault
  }

  #dropFiles(names: readonly string[]): void {
    for (const [id, file] of this.state.files)
      if (names.includes(file.name)) this.state.files.delete(id)
  }

  #answer(request: RecordedRequest): [number, unknown] {
    try {
      return this.#route(request)
    } catch (error) {
      if (!(error instanceof Refused)) throw error
      const { status, id, message } = error
      return [status, { id, message, detailed_error: '', request_id: newId(), status_code: status }]
    }
  }

  #route(request: RecordedRequest): [number, unknown] {
    const url = new URL(request.path, 'http://stand-in')
    const parts = url.pathname.slice(1).split('/').map(decodeURIComponent)
    const route = `${request.method} ${parts[0] ?? ''}/${parts[1] ?? ''}`
    if (route === 'GET system/ping') return [200, { status: 'OK' }]
    const user = this.#caller(request)
    const [, second = '', third = '', fourth = '', fifth = ''] = parts
    const { state } = this
    switch (true) {
      case route === 'GET config/client':
        return [200, { ...state.config, SiteURL: state.config.SiteURL ?? this.url }]
      case route === 'GET users/me' && third === '':
        return [200, user]
      case route === 'GET users/username': {
        if (third !== third.toLowerCase())
          throw new Refused(400, 'api.context.invalid_body_param.app_error')
        return [200, state.user(third)]
      }
      case route === 'GET users/autocomplete': {
        const team = state.team(url.searchParams.get('in_team') ?? '')
        const name = url.searchParams.get('name') ?? ''
        const found = [...team.members].map((id) => state.user(id))
        return [200, { users: found.filter(({ username }) => username.startsWith(name)) }]
      }
      case route.startsWith('GET users/') && third === '':
        return [200, state.user(second)]
      case route === 'GET teams/name' && fourth === '':
        return [200, state.teamSeenBy(third, user)]
      case route.startsWith('GET teams/') && third === 'members':
        return [200, state.member(state.team(second).members, fourth)]
      case route.startsWith('GET teams/') && third === 'channels' && fourth === 'name':
        return [
          200,
          state.channelNamed(
            state.team(second),
            fifth,
            user,
            url.searchParams.get('include_deleted') === 'true',
          ),
        ]
      case route.startsWith('GET teams/') && third === 'channels': {
        const among = fourth === 'autocomplete' ? 'public' : user
        const name = url.searchParams.get('name') ?? ''
        return [200, state.channelsLike(state.team(second), name, among)]
      }
      case route.startsWith('GET channels/') && third === 'members':
        return [200, state.member(state.joined(second, user).members, fourth)]
      case route === 'POST channels/direct':
        return [
          201,
          state.direct(Array.isArray(request.json) ? request.json.map(String) : [], user),
        ]
      case route.startsWith('POST channels/') && third === 'members':
        return [201, state.join(second, isRecord(request.json) ? String(request.json.user_id) : '')]
      case route.startsWith('DELETE channels/') && third === 'members':
        state.joined(second, user).members.delete(fourth)
        return [200, { status: 'OK' }]
      case route.startsWith('GET channels/') && third === 'posts':
        return [
          200,
          state.list(
            second,
            user,
            Number(url.searchParams.get('page') ?? 0),
            Number(url.searchParams.get('per_page') ?? 60),
          ),
        ]
      case route === 'POST files/':
        return [201, { file_infos: this.#upload(request, user), client_ids: [] }]
      case route === 'POST posts/':
        if (!isRecord(request.json))
          throw new Refused(400, 'api.context.invalid_body_param.app_error')
        return [201, state.addPost(request.json, user)]
      case route.startsWith('GET posts/') && third === 'thread':
        return [200, state.thread(second, user)]
      case route.startsWith('GET posts/') && third === '':
        return [200, state.post(second, user)]
      case route.startsWith('PUT posts/') && third === 'patch':
        return [200, state.patchPost(second, isRecord(request.json) ? request.json : {}, user)]
      case route.startsWith('DELETE posts/'):
        return [200, state.deletePost(second, user)]
      default:
        throw new Refused(404, 'api.context.404.app_error')
    }
  }

  #caller({ headers }: RecordedRequest): User {
    const token = /^(?:bearer|token) (.+)$/i.exec(headers.authorization ?? '')?.[1] ?? ''
    const user = this.state.users.get(this.#tokens.get(token) ?? '')
    if (user && !this.botIsDisabled) return user
    throw new Refused(401, 'api.context.session_expired.app_error', 'Invalid or expired session.')
  }

  #upload({ headers, body }: RecordedRequest, user: User) {
    const parts = parseMultipart(headers['content-type'] ?? '', body)
    const channel = parts.find(({ name }) => name === 'channel_id')
    if (!channel) throw new Refused(400, 'api.context.invalid_body_param.app_error')
    // A file before channel_id, or under another name than `files`, is silently dropped.
    return parts
      .filter(({ filename }, index) => filename !== undefined && index > parts.indexOf(channel))
      .map(({ filename = '', bytes }) => {
        const safe = filename.replace(/^.*\//, '')
        const file = this.state.addFile(channel.bytes.toString(), user, safe, bytes)
        return { id: file.id, name: file.name, size: file.size }
      })
  }
}

interface Part {
  name: string
  filename: string | undefined
  bytes: Buffer
}

function parseMultipart(contentType: string, body: Buffer): Part[] {
  const boundary = /boundary=(.+)$/.exec(contentType)?.[1]
  if (boundary === undefined) throw new Refused(400, 'api.file.upload_file.read_request.app_error')
  // latin1 keeps each byte one character, so positions in the text are positions in the body.
  const sections = body.toString('latin1').split(`--${boundary}`).slice(1, -1)
  return sections.map((section) => {
    const end = section.indexOf('\r\n\r\n')
    const head = Buffer.from(section.slice(0, end), 'latin1').toString()
    return {
      name: /[; ]name="([^"]*)"/.exec(head)?.[1] ?? '',
      filename: /filename="([^"]*)"/.exec(head)?.[1],
      bytes: Buffer.from(section.slice(end + 4, -2), 'latin1'),
    }
  })
}

if (import.meta.main) {
  const server = await MattermostServer.start({}, Number(process.argv[2] ?? 0))
  for (const name of process.argv.slice(3)) server.addUser(name)
  server.addChannel('town-square', [...process.argv.slice(3), 'jupyterpost'])
  console.log(JSON.stringify({ url: server.url, token: server.token, team: server.team }))
}
