// `POST /` as in the original service: fields `message` and `channel`, files as `file`; the answer
// is 200 with an empty body, or an error in plain text. Its Python client works unchanged.
import { Router } from 'express'
import type { NextFunction, Request, RequestHandler, Response } from 'express'

import type { Block, PostFile } from '../../post/contract/schema.ts'
import { RelayError } from '../errors.ts'
import { idempotencyKey } from './accept.ts'
import type { Acceptance } from './accept.ts'
import type { Uploads } from './body.ts'
import type { Charging } from './charging.ts'
import { personOf } from './guard.ts'
import { asRelayError, prepareRefusal } from './problem.ts'
import { noteTargets } from './refused.ts'
import type { TellRefusal } from './refused.ts'

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
    async (error: unknown, request: Request, response: Response, next: NextFunction) => {
      await answerInPlainText(deps.refused, error, request, response, next)
    },
  )
  return router
}

async function send(deps: OriginalDeps, request: Request, response: Response): Promise<void> {
  const { fields, files, hash } = await deps.uploads.read(request, response, 'none')
  const key = idempotencyKey(request)
  const { channel, message } = fields
  if (channel !== undefined) noteTargets(response, [channel])
  for (const [name, value] of Object.entries({ message, channel })) {
    if (value === undefined) {
      throw new RelayError('bad_request', `Missing field ${name}: expected message and channel`)
    }
  }
  const { answer, repeated } = await deps.acceptance.accept({
    person: personOf(response),
    manifest: { targets: [channel ?? ''], blocks: blocksOf(message ?? '', files) },
    files,
    idempotency: key === undefined ? undefined : { key, hash },
  })
  if (repeated) response.set('Idempotent-Replayed', 'true')
  else deps.accepted(answer.posts.length)
  response.status(200).end()
}

function blocksOf(message: string, files: PostFile[]): Block[] {
  const attached = files.map(({ mimetype }, file): Block => {
    return mimetype.startsWith('image/') ? { type: 'image', file } : { type: 'file', file }
  })
  if (message === '' && attached.length > 0) return attached
  return [{ type: 'message', text: message }, ...attached]
}

/** The original's client shows the body of a 400 to the user as it is. */
async function answerInPlainText(
  tell: TellRefusal,
  error: unknown,
  request: Request,
  response: Response,
  next: NextFunction,
): Promise<void> {
  const refused = asRelayError(error)
  if (refused.code === 'internal') {
    next(error)
    return
  }
  await prepareRefusal(refused, request, response, tell)
  const byTarget = ['unknown_target', 'not_allowed', 'identity_not_linked', 'bad_target']
  const status = byTarget.includes(refused.code) ? 400 : refused.status
  response.status(status).type('text/plain').send(sentence(refused, request))
}

function sentence(refused: RelayError, request: Request): string {
  const body: unknown = request.body
  const channel =
    typeof body === 'object' && body !== null && 'channel' in body ? String(body.channel) : ''
  if (refused.code !== 'unknown_target' && refused.code !== 'not_allowed') return refused.message
  const known = channel.startsWith('@') ? 'does not exist' : 'does not exist or is private'
  return `${channel} ${known}. ${refused.message}`
}
