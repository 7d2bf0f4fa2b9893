// What goes from a kernel to its relay: a proxy in between passes everything on and keeps the posts
// as they were sent.
import http from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { buffer } from 'node:stream/consumers'
import { Accepted, PostManifest } from '../../../post/contract/schema.ts'
import type { Post, PostFile } from '../../../post/contract/schema.ts'
import { listening } from '../../../service/test/helpers/relay.ts'

export interface Recorded {
  post: Post
  /** Ids at the relay, one for each target. */
  ids: string[]
  /** The states after the first, if the post was changed. */
  changes: Pick<Post, 'blocks' | 'files' | 'source'>[]
}

const CHANGED = /^\/api\/v1\/posts\/([^/]+)$/

export class Recorder {
  readonly posts: Recorded[] = []
  readonly #relay: URL
  readonly #server = http.createServer((request, response) => {
    this.#pass(request, response).catch((error: unknown) => response.destroy(asError(error)))
  })

  constructor(relay: string) {
    this.#relay = new URL(relay)
  }

  /** @returns Its address, for `JUPYTERPOST_URL`. */
  async listen(): Promise<string> {
    return `http://127.0.0.1:${await listening(this.#server)}/`
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve))
    this.#server.closeAllConnections()
    await closed
  }

  async #pass(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = 'GET', url = '/' } = request
    const body = await buffer(request)
    const [status, headers, answer] = await this.#ask(request, body)
    // Kept before the kernel has its answer: a test that waits for the cell finds its post here.
    if (status < 300) await this.#keep(method, url, request, body, answer)
    response.writeHead(status, headers).end(answer)
  }

  #ask(
    { method, url, headers }: IncomingMessage,
    body: Buffer,
  ): Promise<[status: number, headers: IncomingMessage['headers'], answer: Buffer]> {
    const { promise, resolve, reject } =
      Promise.withResolvers<[status: number, headers: IncomingMessage['headers'], answer: Buffer]>()
    const options = { method, headers: { ...headers, host: this.#relay.host } }
    const forwarded = http.request(new URL(url ?? '/', this.#relay), options, (answer) => {
      buffer(answer).then(
        (bytes) => resolve([answer.statusCode ?? 502, answer.headers, bytes]),
        reject,
      )
    })
    forwarded.on('error', reject).end(body)
    return promise
  }

  async #keep(
    method: string,
    url: string,
    { headers }: IncomingMessage,
    body: Buffer,
    answer: Buffer,
  ): Promise<void> {
    if (method === 'POST' && url === '/api/v1/posts') {
      const { posts } = Accepted.parse(JSON.parse(answer.toString()))
      const { manifest, files } = await parseForm(headers['content-type'] ?? '', body)
      const post = { ...PostManifest.parse(manifest), files }
      this.posts.push({ post, ids: posts.map(({ id }) => id), changes: [] })
    }
    const changed = method === 'PATCH' ? CHANGED.exec(url)?.[1] : undefined
    if (changed === undefined) return
    const { manifest, files } = await parseForm(headers['content-type'] ?? '', body)
    const change = PostManifest.omit({ targets: true }).parse(manifest)
    this.posts.find(({ ids }) => ids.includes(changed))?.changes.push({ ...change, files })
  }
}

async function parseForm(
  type: string,
  body: Buffer,
): Promise<{ manifest: unknown; files: PostFile[] }> {
  const form = await new Response(new Uint8Array(body), {
    headers: { 'content-type': type },
  }).formData()
  const manifest = form.get('post')
  const parts = form.getAll('files').filter((part) => typeof part !== 'string')
  const files = await Promise.all(
    parts.map(async (part) => ({
      name: part.name,
      mimetype: part.type,
      bytes: new Uint8Array(await part.arrayBuffer()),
    })),
  )
  const text = typeof manifest === 'string' ? manifest : await manifest?.text()
  return { manifest: JSON.parse(text ?? 'null'), files }
}

function asError(error: unknown): Error {
  return Error.isError(error) ? error : new Error(String(error))
}
