// People at work: so many requests a second that each change something, on a schedule that does not
// wait for answers. Most are posts, some with files, some are changes, some are questions.
import { Agent, request } from 'node:http'
import type { IncomingMessage } from 'node:http'
import { buffer } from 'node:stream/consumers'
import { setTimeout as delay } from 'node:timers/promises'

import { codeOf } from '../../../../post/contract/error.ts'
import { Answer } from '../../../../post/contract/question.ts'
import { Accepted } from '../../../../post/contract/schema.ts'
import { authorized } from '../../helpers/relay.ts'

export interface Tally {
  accepted: number
  changed: number
  asked: number
  answered: number
  withFiles: number
  /** ms of each request, in order. */
  took: number[]
  failures: string[]
}

export interface LoadOptions {
  url: string
  /** Names; the token of each is `t-NAME`. */
  names: readonly string[]
  perSecond: number
  seconds: number
  picture: Uint8Array<ArrayBuffer>
}

/** Requests of which one is not a plain post: 1 of 20 has a file, 1 of 200 a picture, ... */
const FILE = 20
const PICTURE = 200
const CHANGE = 10
const QUESTION = 200

const ANSWER_AGAIN_MS = 100
const LONGEST_MS = 5000

const WORDS =
  'epoch loss accuracy and what the run has said until now, with a table to come '.repeat(4)

export class Load {
  readonly tally: Tally = {
    accepted: 0,
    changed: 0,
    asked: 0,
    answered: 0,
    withFiles: 0,
    took: [],
    failures: [],
  }
  readonly #options: LoadOptions
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 100 })
  readonly #running = new Set<Promise<void>>()
  /** Newest posts of a person, that may be changed. */
  readonly #posts = new Map<string, string[]>()

  constructor(options: LoadOptions) {
    this.#options = options
  }

  /** Until all was sent and answered. */
  async run(): Promise<void> {
    const { perSecond, seconds } = this.#options
    const begin = performance.now()
    for (let n = 0; n < perSecond * seconds;) {
      const due = Math.min(perSecond * seconds, ((performance.now() - begin) / 1000) * perSecond)
      for (; n < due; n += 1) this.#start(n)
      await delay(5)
    }
    await Promise.all(this.#running)
    this.#agent.destroy()
  }

  #start(n: number): void {
    const begin = performance.now()
    const running = this.#one(n)
      .catch((error: unknown) => {
        this.tally.failures.push(String(error))
      })
      .finally(() => {
        this.tally.took.push(performance.now() - begin)
        this.#running.delete(running)
      })
    this.#running.add(running)
  }

  async #one(n: number): Promise<void> {
    const { names, url, picture } = this.#options
    const name = names[n % names.length] ?? ''
    const at = { url, token: `t-${name}` }
    const posts = this.#posts.get(name) ?? []
    this.#posts.set(name, posts)
    const mine = posts[0]
    if (n % CHANGE === CHANGE - 1 && mine !== undefined) {
      posts.shift()
      const blocks = [{ type: 'message', text: `changed by ${n}: ${WORDS.slice(0, n % 300)}` }]
      await this.#send(
        at,
        { method: 'PATCH', path: `posts/${mine}`, body: { blocks }, key: `${n}` },
        200,
      )
      this.tally.changed += 1
      return
    }
    if (n % QUESTION === 1) {
      await this.#ask(at, n)
      return
    }
    const files = this.#files(n, picture)
    const sending = { method: 'POST', path: 'posts', body: postOf(n), key: `${n}`, files }
    const answer = await this.#send(at, sending, 202)
    this.tally.accepted += 1
    if (files.length > 0) this.tally.withFiles += 1
    posts.push(Accepted.parse(JSON.parse(answer)).posts[0]?.id ?? '')
    if (posts.length > 3) posts.shift()
  }

  #files(n: number, picture: Uint8Array<ArrayBuffer>): File[] {
    if (n % PICTURE === 2) return [new File([picture], 'figure.png')]
    if (n % FILE === 3) return [new File([`${n},`.repeat(2000)], 'table.csv')]
    return []
  }

  /** A question to oneself, which every second person answers in the inbox. */
  async #ask(at: { url: string; token: string }, n: number): Promise<void> {
    const ask = { choices: ['yes', 'no'], timeoutMs: 5000, otherwise: 'no' }
    const blocks = [{ type: 'message', text: `Go on with ${n}?` }]
    const manifest = { targets: ['inbox:@me'], blocks, ask }
    const sending = { method: 'POST', path: 'posts', body: manifest, key: `${n}` }
    const answer = await this.#send(at, sending, 202)
    this.tally.asked += 1
    const id = Accepted.parse(JSON.parse(answer)).posts[0]?.id ?? ''
    if (this.tally.asked % 2 === 0) await this.#answer(at, id)
    const waiting = { method: 'GET', path: `posts/${id}/answer?wait=20` }
    const { state } = Answer.parse(JSON.parse(await this.#send(at, waiting, 200)))
    if (state === 'answered') this.tally.answered += 1
  }

  /** As soon as it is in the inbox. */
  async #answer(at: At, id: string): Promise<void> {
    const reply = { method: 'POST', path: `posts/${id}/replies`, body: { text: 'yes' } }
    for (let wait = ANSWER_AGAIN_MS; ; wait = Math.min(2 * wait, LONGEST_MS)) {
      const { status } = await this.#request(at, reply)
      if (status === 201) return
      if (status !== 404) throw new Error(`answering: ${status}`)
      await delay(wait)
    }
  }

  /** The body of an answer with this status. */
  async #send(at: At, sending: Sending, wanted: number): Promise<string> {
    // The relay may close an idle connection just when it is used again; keys make that harmless.
    const { status, text } = await this.#request(at, sending).catch((error: unknown) => {
      if (codeOf(error) !== 'ECONNRESET' || sending.key === undefined) throw error
      return this.#request(at, sending)
    })
    if (status !== wanted) throw new Error(`${sending.method}: ${status} ${text.slice(0, 300)}`)
    return text
  }

  async #request(at: At, { method, path, body, files = [], key }: Sending) {
    const content = await contentOf(body, files)
    const headers = {
      ...authorized(at.token),
      ...content?.headers,
      ...(key !== undefined && { 'idempotency-key': key }),
    }
    const url = new URL(`api/v1/${path}`, at.url)
    const asked = request(url, { method, headers, agent: this.#agent })
    asked.end(content?.bytes)
    const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>()
    asked.once('response', resolve).once('error', reject)
    const answer = await promise
    return { status: answer.statusCode, text: (await buffer(answer)).toString() }
  }
}

interface At {
  url: string
  token: string
}

interface Sending {
  method: string
  /** Below `api/v1`. */
  path: string
  body?: object
  files?: File[]
  key?: string
}

/** A form if there are files, else JSON. */
async function contentOf(body: object | undefined, files: readonly File[]) {
  if (body === undefined) return undefined
  const json = JSON.stringify(body)
  if (files.length === 0) return { headers: { 'content-type': 'application/json' }, bytes: json }
  const form = new FormData()
  form.append('post', json)
  for (const file of files) form.append('files', file)
  const whole = new Response(form)
  const headers = { 'content-type': whole.headers.get('content-type') ?? '' }
  const bytes = Buffer.from(await whole.arrayBuffer())
  return { headers: { ...headers, 'content-length': bytes.length }, bytes }
}

/** Half of the posts go to the chat, half to the inbox. */
function postOf(n: number): object {
  const targets = [
    'lab',
    'inbox:@me',
    '@me',
    'inbox:@me',
    'runs',
    'inbox:@me',
    'nights',
    'inbox:@me',
  ]
  const target = targets[Math.floor(n / 7) % targets.length] ?? '@me'
  const text = `${n}: ${WORDS.slice(0, 20 + (n % 280))}`
  return { targets: [target], blocks: [{ type: 'message', text }] }
}
