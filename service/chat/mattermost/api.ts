// One request to Mattermost's REST API v4: timeouts and sizes; refusal.ts tells what a refusal
// means. Never retries and follows no redirect. The token goes into one header and no message.
import { createReadStream } from 'node:fs'
import FormData from 'form-data'
import fetch from 'node-fetch'
import type { RequestInit, Response } from 'node-fetch'
import { z } from 'zod'
import { codeOf, messageOf } from '../../../post/contract/error.ts'
import { isOnDisk } from '../../storage/bytes.ts'
import type { RelayFile } from '../../storage/bytes.ts'
import { formBody } from '../../../post/relay/form-body.ts'
import { capitalised } from '../../../post/contract/sentence.ts'
import { unreached } from '../../../post/relay/unreached.ts'
import type { Server } from '../../../post/relay/unreached.ts'
import { BadProxy, Way } from '../../../post/relay/way.ts'
import { ChatError } from '../../errors.ts'
import { isTrouble, otherKind, parseJson, refusal, trouble } from './refusal.ts'
import { serverAt, VARIABLES } from './settings.ts'
import type { SettingNames } from './settings.ts'
import { Trouble } from './trouble.ts'
import type { TroubleOptions } from './trouble.ts'

export interface ApiConfig extends TroubleOptions {
  /** Address of the server, with or without `/api/v4/`. */
  url: string
  /** Asked for each request: it may change. */
  token: () => string
  /** Default: the variables. */
  settings?: SettingNames
  /** Called when the server no longer accepts the token. */
  onTokenRefused?: () => void
  timeouts: {
    /** Milliseconds for a request and its answer. */
    request: number
    /** Milliseconds for one file. */
    upload: number
  }
}

type Init = Omit<RequestInit, 'headers'> & { headers?: Record<string, string> }

/** Lists come in pages of about 100 kB. */
const MOST_ANSWER_BYTES = 4 * 1024 * 1024

/** The answer to a deletion. */
const Done = z.object({ status: z.string() })
const Uploaded = z.object({ file_infos: z.array(z.object({ id: z.string() })) })

/** One request to the server. */
interface ApiRequest {
  /** Below `/api/v4`, escaped. */
  path: string
  init: Init
  /** ms, that of a request unless given. */
  timeout?: number
  /** The one for all requests unless given. */
  way?: Way
  signal: AbortSignal
}

export class MattermostApi {
  /** Server address without `/api/v4/` and without a slash at the end. */
  readonly site: string
  readonly settings: SettingNames
  /** For people. */
  readonly server: Server
  readonly #config: ApiConfig
  readonly #trouble: Trouble
  #kept: Way | undefined

  /** @throws {TypeError} if `url` is not an http(s) address. */
  constructor(config: ApiConfig) {
    this.#config = config
    this.#trouble = new Trouble(config)
    this.site = siteAddress(config.url)
    this.settings = config.settings ?? VARIABLES
    this.server = serverAt(this.site, this.settings)
  }

  /**
   * @param path - Below `/api/v4`, its parts already escaped (see `apiPath`).
   * @throws {ChatError}
   */
  async get<T>(path: string, schema: z.ZodType<T>, signal: AbortSignal): Promise<T> {
    return this.#json(schema, { path, init: { method: 'GET' }, signal })
  }

  async post<T>(
    path: string,
    body: unknown,
    schema: z.ZodType<T>,
    signal: AbortSignal,
  ): Promise<T> {
    return this.#json(schema, { path, init: sending('POST', body), signal })
  }

  async put<T>(path: string, body: unknown, schema: z.ZodType<T>, signal: AbortSignal): Promise<T> {
    return this.#json(schema, { path, init: sending('PUT', body), signal })
  }

  async delete(path: string, signal: AbortSignal): Promise<void> {
    await this.#json(Done, { path, init: { method: 'DELETE' }, signal })
  }

  /** Uploads a file, returns its id. `channel_id` first: the server drops files before it. */
  async upload(channelId: string, file: RelayFile, signal: AbortSignal): Promise<string> {
    const form = new FormData()
    form.append('channel_id', channelId)
    const { bytes, name, mimetype } = file
    const described = { filename: name, contentType: mimetype, knownLength: bytes.byteLength }
    form.append(
      'files',
      isOnDisk(bytes) ? createReadStream(bytes.path) : Buffer.from(bytes),
      described,
    )
    const answer = await this.#sendForm(form, signal)
    const id = answer.file_infos[0]?.id
    if (id === undefined) throw trouble(`Mattermost took ${file.name} without keeping it`)
    return id
  }

  /** On a connection of its own, which ends here even if the server stopped reading. */
  async #sendForm(form: FormData, signal: AbortSignal): Promise<z.infer<typeof Uploaded>> {
    // Given the headers, node-fetch does not warn about this kind of form.
    const headers = { ...form.getHeaders(), 'content-length': String(form.getLengthSync()) }
    const init = { method: 'POST', body: formBody(form), headers }
    const timeout = this.#config.timeouts.upload
    const way = this.#way()
    try {
      return await this.#json(Uploaded, { path: '/files', init, timeout, way, signal })
    } finally {
      way.close()
    }
  }

  /** @throws {ChatError} */
  #way(options: { keepAlive?: boolean } = {}): Way {
    try {
      return new Way(new URL(this.site), options)
    } catch (error) {
      if (!(error instanceof BadProxy)) throw error
      throw trouble(error.message)
    }
  }

  /** Ends all connections, also those that a proxy does not answer. */
  close(): void {
    this.#kept?.close()
    this.#kept = undefined
  }

  /** What is wrong with the site at present, in words; undefined if nothing is known. */
  get trouble(): string | undefined {
    return this.#trouble.current()
  }

  async #json<T>(schema: z.ZodType<T>, request: ApiRequest): Promise<T> {
    const { path, init, signal } = request
    const kind = `${init.method ?? 'GET'} ${path.split(/[/?]/)[1] ?? ''}`
    try {
      const way = request.way ?? (this.#kept ??= this.#way({ keepAlive: true }))
      const { response, body } = await this.#exchange(request, way)
      const { site, server, settings } = this
      const asked = { site, server, settings, proxy: way.proxy }
      const sent = init.body !== undefined
      if (!response.ok) throw refusal({ ...asked, sent }, response, body)
      const parsed = schema.safeParse(parseJson(body))
      if (!parsed.success) throw otherKind(asked, response)
      this.#trouble.worked(kind)
      return parsed.data
    } catch (error) {
      if (error instanceof ChatError && error.status === 401) this.#config.onTokenRefused?.()
      // A caller that gave up waiting learned nothing about the site.
      if (!isTrouble(error)) this.#trouble.worked(kind)
      else if (!signal.aborted) this.#trouble.failed(kind, messageOf(error))
      throw error
    }
  }

  async #exchange(request: ApiRequest, way: Way): Promise<{ response: Response; body: string }> {
    const { path, init, timeout = this.#config.timeouts.request, signal } = request
    const limit = AbortSignal.any([signal, AbortSignal.timeout(timeout)])
    try {
      // Given an aborted signal, node-fetch fails the body too; nobody listens to that, and it
      // would end the process.
      limit.throwIfAborted()
      const response = await fetch(`${this.site}/api/v4${path}`, {
        ...init,
        headers: { ...init.headers, authorization: `Bearer ${this.#config.token()}` },
        redirect: 'manual',
        agent: way.agent,
        size: MOST_ANSWER_BYTES,
        signal: limit,
      })
      // The answer's body may hang or break off too.
      return { response, body: await response.text() }
    } catch (cause) {
      if (codeOf(cause) !== undefined)
        throw trouble(capitalised(unreached(this.server, cause, way)))
      throw trouble(`Mattermost at ${this.site} does not answer: ${networkReason(cause, timeout)}`)
    }
  }
}

function sending(method: 'POST' | 'PUT', body: unknown): Init {
  const headers = { 'content-type': 'application/json' }
  return { method, body: JSON.stringify(body), headers }
}

/** A path of the API from parts, each escaped. */
export function apiPath(parts: readonly string[], query: Record<string, string> = {}): string {
  const search = new URLSearchParams(query).toString()
  return `/${parts.map(encodeURIComponent).join('/')}${search === '' ? '' : `?${search}`}`
}

function networkReason(cause: unknown, timeout: number): string {
  if (!Error.isError(cause)) return 'the connection failed'
  if ('type' in cause && cause.type === 'max-size')
    return `it sends more than ${MOST_ANSWER_BYTES / 1024 / 1024} MB`
  // Other messages may quote what came.
  return cause.name === 'AbortError' || cause.name === 'TimeoutError'
    ? `nothing came for ${timeout / 1000} s`
    : 'the connection failed'
}

function siteAddress(url: string): string {
  const parsed = URL.parse(url)
  if (!parsed || !/^https?:$/.test(parsed.protocol))
    throw new TypeError('MATTERMOST_URL must be an http or https address')
  return (parsed.origin + parsed.pathname).replace(/(?<!\/)\/+$/, '').replace(/\/api\/v4$/, '')
}
