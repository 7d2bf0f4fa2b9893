// `POST /` as in the original service: fields `message` and `channel`, files as `file`; the answer
// is 200 with an empty body, or an error in plain text. Its Python client works unchanged.
import { Router } from 'express'
import type { NextFunction, Request, RequestHandler, Response } from 'express'

import type { Block } from '../../post/contract/schema.ts'
import { RelayError } from '../errors.ts'
import type { ProblemCode } from '../errors.ts'
import { idempotencyKey } from './accept.ts'
import type { Acceptance } from './accept.ts'
import type { Upload, Uploads } from './body.ts'
import type { Charging } from './charging.ts'
import { personOf } from './guard.ts'
import { asRelayError, logFailure, prepareRefusal } from './problem.ts'
import { noteTargets } from './refused.ts'
import type { TellRefusal } from './refused.ts'
import type { RelayFile } from '../storage/bytes.ts'

export interface OriginalDeps {
  acceptance: Acceptance
  uploads: Uploads
  charging: Charging
  guardWrite: RequestHandler
  accepted: (posts: number) => void
  refused: TellRefusal
}

export function originalRouter(deps: OriginalDeps): Router {
  const router = Router()
  router.post(
    '/',
    deps.guardWrite,
    deps.charging.tries('postsPerMinute'),
    deps.uploads.urlencoded(),
    deps.uploads.multipart('file'),
    async (request: Request, response: Response) => {
      await send(deps, request, response)
    },
    plainRefusal(deps.refused),
  )
  return router
}

async function send(deps: OriginalDeps, request: Request, response: Response): Promise<void> {
  const upload = await deps.uploads.read(request, response, 'none')
  try {
    await accept(deps, request, response, upload)
  } finally {
    await upload.release()
  }
}

async function accept(
  deps: OriginalDeps,
  request: Request,
  response: Response,
  { fields, files, hash }: Upload,
): Promise<void> {
  const key = idempotencyKey(request)
  const { channel, message } = fields
  if (channel !== undefined) noteTargets(response, [channel])
  for (const [name, value] of Object.entries({ message, channel })) {
    if (value === undefined) {
      throw new RelayError('bad_request', `Missing field ${name}: expected message and channel`)
    }
  }
  const person = personOf(response)
  const { answer, repeated } = await deps.charging.told(response, () =>
    deps.acceptance.accept({
      person,
      manifest: { targets: [channel ?? ''], blocks: blocksOf(message ?? '', files) },
      files,
      idempotency: key === undefined ? undefined : { key, hash },
    }),
  )
  if (repeated) response.set('Idempotent-Replayed', 'true')
  else deps.accepted(answer.posts.length)
  response.status(200).end()
}

function blocksOf(message: string, files: RelayFile[]): Block[] {
  const attached = files.map(({ mimetype }, file): Block => {
    return mimetype.startsWith('image/') ? { type: 'image', file } : { type: 'file', file }
  })
  if (message === '' && attached.length > 0) return attached
  return [{ type: 'message', text: message }, ...attached]
}

/** A refused body is read to its end only so long: the answer is to be there within 4 s. */
const DRAIN_MS = 3000
/** The token is refused. */
const BY_TOKEN: ReadonlySet<ProblemCode> = new Set([
  'no_token',
  'bad_token',
  'bad_key',
  'not_granted',
  'wrong_host',
])
/** The relay could not store the post now; the sender can do nothing but try again. */
const NOT_STORED: ReadonlySet<ProblemCode> = new Set([
  'hub_away',
  'busy',
  'storage',
  'internal',
  'chat_refuses',
  'idempotency_running',
])

/**
 * The original answers 400 to everything that the sender can put right; its client shows the text
 * of a 400 to the person as it is.
 */
export function plainRefusal(tell: TellRefusal | undefined) {
  return async (
    error: unknown,
    request: Request,
    response: Response,
    _next: NextFunction,
  ): Promise<void> => {
    const refused = asRelayError(error)
    logFailure(refused, request, request.log)
    await prepareRefusal(refused, request, response, { tell, drainMs: DRAIN_MS })
    response.status(statusOf(refused.code)).type('text/plain').send(sentence(refused, request))
  }
}

function statusOf(code: ProblemCode): number {
  if (BY_TOKEN.has(code)) return 403
  return NOT_STORED.has(code) ? 503 : 400
}

function sentence(refused: RelayError, request: Request): string {
  const body: unknown = request.body
  const channel =
    typeof body === 'object' && body !== null && 'channel' in body ? String(body.channel) : ''
  if (refused.code !== 'unknown_target' && refused.code !== 'not_allowed') return refused.message
  const known = channel.startsWith('@') ? 'does not exist' : 'does not exist or is private'
  return `${channel} ${known}. ${refused.message}`
}
