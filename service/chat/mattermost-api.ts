// One request to Mattermost's REST API v4: timeouts, sizes and what each refusal means for the outbox. Tries nothing twice and follows
// no redirect. The token goes into one header and into no message.
import FormData from 'form-data'
import fetch from 'node-fetch'
import type { RequestInit, Response } from 'node-fetch'
import { z } from 'zod'
import type { PostFile } from '../../post/schema.ts'
import { ChatError } from '../errors.ts'

export interface ApiConfig {
  /** Address of the server, with or without `/api/v4/`. */
  url: string
  token: string
  timeouts: {
    /** Milliseconds for a request and its answer. */
    request: number
    /** Milliseconds for one file. */
    upload: number
  }
}

type Init = Omit<RequestInit, 'headers'> & { headers?: Record<string, string> }

const Refusal = z.object({ id: z.string(), message: z.string().optional() })
const Uploaded = z.object({ file_infos: z.array(z.object({ id: z.string() })) })

export class MattermostApi {
  /** Server address without `/api/v4/` and without a slash at the end. */
  readonly site: string
  readonly #config: ApiConfig

  /** @throws {TypeError} if `url` is no http(s) address. */
  constructor(config: ApiConfig) {
    this.#config = config
    this.site = siteAddress(config.url)
  }

  /**
   * @param path - Below `/api/v4`, parts already escaped (see `apiPath`).
   * @throws {ChatError}
   */
  async get<T>(path: string, schema: z.ZodType<T>, signal: AbortSignal): Promise<T> {
    return this.#json(path, schema, { method: 'GET' }, this.#config.timeouts.request, signal)
  }

  async post<T>(
    path: string,
    body: unknown,
    schema: z.ZodType<T>,
    signal: AbortSignal,
  ): Promise<T> {
    return this.#send('POST', path, body, schema, signal)
  }

  async put<T>(path: string, body: unknown, schema: z.ZodType<T>, signal: AbortSignal): Promise<T> {
    return this.#send('PUT', path, body, schema, signal)
  }

  async delete(path: string, signal: AbortSignal): Promise<void> {
    await this.#json(path, z.unknown(), { method: 'DELETE' }, this.#config.timeouts.request, signal)
  }

  /** Uploads one file and returns its id. `channel_id` goes first: the server drops files that come before it. */
  async upload(channelId: string, file: PostFile, signal: AbortSignal): Promise<string> {
    const form = new FormData()
    form.append('channel_id', channelId)
    form.append('files', Buffer.from(file.bytes), {
      filename: file.name,
      contentType: file.mimetype,
    })
    // With the headers given, node-fetch does not warn about this kind of form.
    const headers = { ...form.getHeaders(), 'content-length': String(form.getLengthSync()) }
    const init = { method: 'POST', body: form, headers }
    const answer = await this.#json('/files', Uploaded, init, this.#config.timeouts.upload, signal)
    const id = answer.file_infos[0]?.id
    if (id === undefined)
      throw new ChatError(`Mattermost took ${file.name} without keeping it`, {
        status: 201,
        retryable: true,
      })
    return id
  }

  async #send<T>(
    method: 'POST' | 'PUT',
    path: string,
    body: unknown,
    schema: z.ZodType<T>,
    signal: AbortSignal,
  ): Promise<T> {
    const headers = { 'content-type': 'application/json' }
    const init = { method, body: JSON.stringify(body), headers }
    return this.#json(path, schema, init, this.#config.timeouts.request, signal)
  }

  async #json<T>(
    path: string,
    schema: z.ZodType<T>,
    init: Init,
    timeout: number,
    signal: AbortSignal,
  ): Promise<T> {
    const { response, body } = await this.#exchange(path, init, timeout, signal)
    if (!response.ok) throw refusal(response, body)
    const parsed = schema.safeParse(parseJson(body))
    if (parsed.success) return parsed.data
    throw new ChatError(
      `Expected Mattermost at ${this.site}, got an answer of another kind to ${path}; check MATTERMOST_URL`,
      { status: response.status, retryable: false, cause: parsed.error },
    )
  }

  async #exchange(
    path: string,
    init: Init,
    timeout: number,
    signal: AbortSignal,
  ): Promise<{ response: Response; body: string }> {
    const limit = AbortSignal.any([signal, AbortSignal.timeout(timeout)])
    try {
      // Given one that is over, node-fetch fails the body too, which nobody listens to: that ends the process.
      limit.throwIfAborted()
      const response = await fetch(`${this.site}/api/v4${path}`, {
        ...init,
        headers: { ...init.headers, authorization: `Bearer ${this.#config.token}` },
        redirect: 'manual',
        signal: limit,
      })
      // The answer's body can hang or break too.
      return { response, body: await response.text() }
    } catch (cause) {
      throw new ChatError(
        `Mattermost at ${this.site} does not answer: ${networkReason(cause, timeout)}`,
        {
          status: 0,
          retryable: true,
          cause,
        },
      )
    }
  }
}

/** A path of the API from parts, each escaped. */
export function apiPath(parts: readonly string[], query: Record<string, string> = {}): string {
  const search = new URLSearchParams(query).toString()
  return `/${parts.map(encodeURIComponent).join('/')}${search === '' ? '' : `?${search}`}`
}

/** The stable `id` of a refusal, '' if the answer had none. */
export function refusalId(error: unknown): string {
  return error instanceof ChatError && error.cause instanceof MattermostRefusal
    ? error.cause.id
    : ''
}

/** What Mattermost said; its `message` is localised, so only the id is compared. */
class MattermostRefusal extends Error {
  override name = 'MattermostRefusal'
  readonly id: string
  constructor(id: string, message: string) {
    super(message)
    this.id = id
  }
}

function refusal(response: Response, body: string): ChatError {
  const parsed = Refusal.safeParse(parseJson(body))
  const { id, message = '' } = parsed.data ?? { id: '' }
  const { status } = response
  const retryAfter = Number(response.headers.get('retry-after') ?? '')
  const retryAfterMs = waitFor(status, id, retryAfter)
  return new ChatError(sentence(status, message, response), {
    status,
    // 401: the bot's token is being changed; what was accepted waits for the new one.
    retryable: status === 401 || status === 429 || (status >= 500 && status !== 501),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    cause: new MattermostRefusal(id, message === '' ? `status ${status}` : message),
  })
}

function waitFor(status: number, id: string, retryAfter: number): number | undefined {
  // The first send of this key is still under way: its answer is there in a moment.
  if (id === 'api.post.deduplicate_create_post.pending') return 1000
  if (retryAfter > 0) return retryAfter * 1000
  return status === 429 ? 1000 : undefined
}

function sentence(status: number, message: string, response: Response): string {
  const said = message === '' ? '' : `: ${message}`
  if (status >= 300 && status < 400) {
    const to = response.headers.get('location') ?? 'elsewhere'
    return `Mattermost redirects to ${to}; set MATTERMOST_URL to the final address`
  }
  if (status === 401)
    return 'Mattermost does not accept the token of the bot; check MATTERMOST_TOKEN and that the bot is enabled'
  if (status === 403) return `Mattermost does not allow the bot to do this${said}`
  if (status === 413) return `Too large for Mattermost${said}`
  if (status === 429) return 'Mattermost asks to send less often'
  return `Mattermost answered ${status}${said}`
}

/** Undefined for what is no JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // SyntaxError: a proxy's page, or the plain text of a rate limit.
    return undefined
  }
}

function networkReason(cause: unknown, timeout: number): string {
  if (!Error.isError(cause)) return String(cause)
  if ('code' in cause && typeof cause.code === 'string') return cause.code
  return cause.name === 'AbortError' || cause.name === 'TimeoutError'
    ? `nothing came for ${timeout / 1000} s`
    : cause.message
}

function siteAddress(url: string): string {
  const parsed = URL.parse(url)
  if (!parsed || !/^https?:$/.test(parsed.protocol))
    throw new TypeError(`MATTERMOST_URL must be an http or https address, got ${url}`)
  return (parsed.origin + parsed.pathname).replace(/(?<!\/)\/+$/, '').replace(/\/api\/v4$/, '')
}
