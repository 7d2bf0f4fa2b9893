// A stand-in for the relay's HTTP side on a real socket. It follows the contract, misbehaves on
// request, and keeps everything that it was sent.
import { createServer } from 'node:http'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type net from 'node:net'
import express from 'express'
import multer from 'multer'
import { z } from 'zod'
import { DEFAULT_LIMITS, PostChange, PostManifest } from '../../contract/schema.ts'
import type { Limits } from '../../contract/schema.ts'
import { Questions } from './questions.ts'

const Body = z.object({ post: z.string() })

export interface Received {
  manifest: PostManifest
  files: Array<{ name: string; mimetype: string; bytes: Buffer }>
  authorization: string | undefined
  idempotencyKey: string | undefined
}

/** Answers in its own way, or returns `take`: then the post is taken as usual. */
export type Misbehaviour = (
  request: IncomingMessage,
  response: ServerResponse,
) => 'take' | undefined

export interface StandIn {
  /** Ends in a slash. */
  url: string
  /** Accepted posts, each key once. */
  taken: Received[]
  /** New contents of posts. */
  changes: PostChange[]
  /** Paths of all requests, in order. */
  requests: string[]
  limits: Limits
  questions: Questions
  /** What became of each post that it took. */
  end: { status: 'delivered'; url: string } | { status: 'dead'; error: string }
  /** What to do with the next posts instead of taking them; undefined to behave well. */
  misbehave: Misbehaviour | undefined
  /** It answers no request for the state of a post. */
  hangs: boolean
  close(): Promise<void>
}

/**
 * @param port - To come back at the port of an earlier stand-in.
 * @param questions - Those of an earlier stand-in.
 */
export async function startStandIn(port = 0, questions = new Questions()): Promise<StandIn> {
  const keys = new Map<string, object>()
  const app = express()
  const server = createServer(app)
  const relay: StandIn = {
    url: '',
    taken: [],
    changes: [],
    requests: [],
    limits: { ...DEFAULT_LIMITS },
    questions,
    end: { status: 'delivered', url: 'http://chat/1' },
    misbehave: undefined,
    hangs: false,
    close: () => closeServer(server),
  }
  app.use((request, _response, next) => {
    relay.requests.push(`${request.method} ${request.path}`)
    next()
  })
  app.get('/relay/api/v1/limits', (_request, response) => {
    response.json(relay.limits)
  })
  app.get('/relay/api/v1/targets', (request, response) => {
    response.json({
      targets: ['@me', 'lab'].filter((name) =>
        name.includes(new URL(request.url, 'http://x').searchParams.get('q') ?? ''),
      ),
    })
  })
  questions.addTo(app)
  app.get('/relay/api/v1/posts/:id', (request, response) => {
    if (relay.hangs) return
    response.json({
      ...stored('@me', 0),
      id: request.params.id,
      ...relay.end,
    })
  })
  const form = multer({ storage: multer.memoryStorage(), defParamCharset: 'utf8' }).array('files')
  app.patch('/relay/api/v1/posts/:id', form, (request, response) => {
    relay.changes.push(PostChange.parse(JSON.parse(Body.parse(request.body).post)))
    response.json({ ...stored('@me', 0), id: request.params['id'] })
  })
  app.delete('/relay/api/v1/posts/:id', (_request, response) => {
    response.status(204).end()
  })
  app.post(
    '/relay/api/v1/posts',
    (request, response, next) => {
      if (relay.misbehave === undefined || relay.misbehave(request, response) === 'take') next()
    },
    form,
    (request, response) => {
      const key = request.get('idempotency-key') ?? ''
      const known = keys.get(key)
      if (known !== undefined) {
        response.status(202).json(known)
        return
      }
      const { post } = Body.parse(request.body)
      const manifest = PostManifest.parse(JSON.parse(post))
      const files = Array.isArray(request.files) ? request.files : []
      relay.taken.push({
        manifest,
        files: files.map((file) => ({
          name: file.originalname,
          mimetype: file.mimetype,
          bytes: file.buffer,
        })),
        authorization: request.get('authorization'),
        idempotencyKey: key,
      })
      const accepted = {
        posts: manifest.targets.map((target) => stored(target, relay.taken.length)),
      }
      keys.set(key, accepted)
      response.status(202).json(accepted)
    },
  )
  relay.url = `http://127.0.0.1:${await listen(server, port)}/relay/`
  return relay
}

function stored(target: string, number: number) {
  return {
    id: `post-${number}`,
    target,
    destination: `${target} (stand-in)`,
    status: 'queued',
    notices: [],
  }
}

/** @returns The port. */
export async function listen(server: net.Server, port = 0): Promise<number> {
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error(`No port: ${address}`)
  return address.port
}

export function closeServer(server: Server): Promise<void> {
  server.closeAllConnections()
  return new Promise((resolve) => server.close(() => resolve()))
}

/** Answers with a problem document. */
export function problem(
  status: number,
  code: string,
  detail: string,
  more: object = {},
): Misbehaviour {
  return (request, response) => {
    request.resume()
    request.once('end', () => {
      response.writeHead(status, { 'content-type': 'application/problem+json' })
      response.end(JSON.stringify({ title: code, status, detail, code, ...more }))
    })
    return undefined
  }
}

export function answer(
  status: number,
  body: string,
  headers: Record<string, string> = {},
): Misbehaviour {
  return (request, response) => {
    request.resume()
    request.once('end', () => {
      response.writeHead(status, headers)
      response.end(body)
    })
    return undefined
  }
}
