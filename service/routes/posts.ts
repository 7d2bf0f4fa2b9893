// `api/v1/posts`: send, list, read, change and delete posts.
import { Router } from 'express'
import type { Request, RequestHandler, Response } from 'express'

import { SHOWN_IMAGES } from '../../post/contract/schema.ts'
import type { StoredPost } from '../../post/contract/schema.ts'
import { ListQuery } from '../api/parameters.ts'
import type { ChatService, Person } from '../chat/chat.ts'
import { RelayError } from '../errors.ts'
import type { Changes, Outbox } from '../outbox/outbox.ts'
import type { MaskingPolicy } from '../policy/masking.ts'
import type { Questions } from '../replies/questions.ts'
import { isOnDisk } from '../storage/bytes.ts'
import { answerJson } from './answer.ts'
import { idempotencyKey } from './accept.ts'
import type { Acceptance } from './accept.ts'
import { bodyType } from './body-type.ts'
import type { Upload, Uploads } from './body.ts'
import type { Charging } from './charging.ts'
import type { PostFeed } from './feed.ts'
import { personOf } from './guard.ts'
import { readQuery } from './query.ts'
import { noteTargets } from './refused.ts'
import { streamFile, writePart } from './streaming.ts'

/** How long a request to delete a post waits for the chat. */
const REMOVED_MS = 3000
const LISTED = 50

export interface PostsDeps {
  acceptance: Acceptance
  feed: PostFeed
  outbox: Outbox
  services: ReadonlyMap<string, ChatService>
  masking: MaskingPolicy
  uploads: Uploads
  charging: Charging
  questions: Questions
  /** Gives the post a link that is for the sender only. */
  linked: (post: StoredPost) => StoredPost
  guardRead: RequestHandler
  guardWrite: RequestHandler
  accepted: (posts: number) => void
}

export function postsRouter(deps: PostsDeps): Router {
  const { guardRead, guardWrite, uploads, charging } = deps
  const tryPost = charging.tries('postsPerMinute')
  const tryChange = charging.tries('changesPerMinute')
  const router = Router()
  const type = bodyType('application/json', 'multipart/form-data')
  router.post('/', guardWrite, type, tryPost, uploads.post(), (request, response) =>
    send(deps, request, response),
  )
  router.get('/', guardRead, (request, response) => list(deps, request, response))
  router.get('/:id', guardRead, (request, response) => {
    response.json(readable(deps, String(request.params.id), response))
  })
  router.get('/:id/files/:n', guardRead, (request, response) => sendFile(deps, request, response))
  router.patch('/:id', guardWrite, type, tryChange, uploads.post(), (request, response) =>
    change(deps, request, response),
  )
  router.delete('/:id', guardWrite, tryChange, (request, response) =>
    withdraw(deps, request, response),
  )
  return router
}

async function send(deps: PostsDeps, request: Request, response: Response): Promise<void> {
  const upload = await deps.uploads.read(request, response, 'post')
  try {
    await accept(deps, request, response, upload)
  } finally {
    await upload.release()
  }
}

async function accept(
  deps: PostsDeps,
  request: Request,
  response: Response,
  { post: manifest, ...upload }: Upload,
): Promise<void> {
  if (!manifest) throw new Error('An upload was read without its manifest')
  noteTargets(response, manifest.targets)
  const key = idempotencyKey(request)
  const person = personOf(response)
  const { answer, repeated } = await deps.charging.told(response, () =>
    deps.acceptance.accept({
      person,
      manifest,
      files: upload.files,
      idempotency: key === undefined ? undefined : { key, hash: upload.hash },
    }),
  )
  if (repeated) response.set('Idempotent-Replayed', 'true')
  else deps.accepted(answer.posts.length)
  answerJson(response, 202, { posts: answer.posts.map(deps.linked) })
}

async function list(deps: PostsDeps, request: Request, response: Response): Promise<void> {
  const query = readQuery(ListQuery, request)
  const person = personOf(response)
  const { ids, ...rest } = listed(deps, person, query)
  response.type('json')
  let joint = '{"posts":['
  for (const id of ids) {
    const post = deps.feed.read(person, id)
    // It may have changed since it was delivered, or is another's.
    const isWanted = query.state === undefined || post?.status === query.state
    if (!post || !isWanted) continue
    if (!(await writePart(response, joint + JSON.stringify(post)))) return
    joint = ','
  }
  const head = joint === ',' ? '' : joint
  response.end(`${head}],${JSON.stringify(rest).slice(1)}`)
}

/** @throws {RelayError} `bad_request`, `bad_target` */
function listed(deps: PostsDeps, person: Person, query: ListQuery) {
  const { since, limit = LISTED, ...others } = query
  if (since === undefined) return deps.feed.list(person, query)
  const [other] = Object.keys(others)
  if (other !== undefined)
    throw new RelayError('bad_request', `Expected either since or ${other}, not both`)
  return changedIds(deps.feed.changes(person, since, limit))
}

function changedIds({ changes, cursor }: Changes): { ids: string[]; cursor: string } {
  return { ids: changes.map(({ id }) => id), cursor }
}

function readable(deps: PostsDeps, id: string, response: Response) {
  const post = deps.feed.read(personOf(response), id)
  if (post) return post
  throw deps.feed.missing(personOf(response), id)
}

function sendFile(deps: PostsDeps, request: Request, response: Response): void {
  const id = String(request.params.id)
  const file = deps.feed.file(personOf(response), id, Number(request.params.n))
  if (!file) throw deps.feed.missing(personOf(response), id)
  // Only these may be shown by a browser; anything else can only be saved.
  if (!SHOWN_IMAGES.has(file.mimetype)) response.attachment(file.name)
  response
    .set('Content-Security-Policy', "sandbox; default-src 'none'")
    .set('X-Content-Type-Options', 'nosniff')
    .set('Content-Type', file.mimetype)
  const { bytes } = file
  if (isOnDisk(bytes)) streamFile(request, response, bytes)
  else response.send(Buffer.from(bytes))
}

/** The post, if this person sent it: nobody else may change it. */
function own(
  deps: PostsDeps,
  request: Request,
  response: Response,
): StoredPost & { service: string } {
  const id = String(request.params.id)
  const found = deps.outbox.find(id)
  const person = personOf(response)
  if (!found || found.from !== person.name) throw deps.feed.missing(person, id)
  return { ...found.post, service: found.service }
}

async function change(deps: PostsDeps, request: Request, response: Response): Promise<void> {
  const post = own(deps, request, response)
  const upload = await deps.uploads.read(request, response, 'change')
  try {
    await makeChange(deps, post, response, { ...upload, key: idempotencyKey(request) })
  } finally {
    await upload.release()
  }
}

async function makeChange(
  deps: PostsDeps,
  post: StoredPost & { service: string },
  response: Response,
  { change: sent, key, ...upload }: Upload & { key: string | undefined },
): Promise<void> {
  if (!sent) throw new Error('An upload was read without its manifest')
  const person = personOf(response)
  // With the id of the post, the same key for another post is a conflict.
  const idempotency =
    key === undefined ? undefined : { person: person.name, key, hash: `${post.id} ${upload.hash}` }
  const gapMs = deps.services.get(post.service)?.capabilities().minEditGapMs ?? 0
  const store = async () => {
    deps.acceptance.checkChange(sent, upload.files)
    const { blocks, files } = await deps.masking.apply(person, sent, upload.files)
    // The post keeps its question, or how that ended, whatever the new content is.
    const content = () => ({
      blocks: deps.questions.keepQuestion(post.id, blocks),
      source: sent.source,
      files,
    })
    const { origin } = person
    return deps.outbox.edits.change(post.id, content, { gapMs, idempotency, origin })
  }
  const changed = await deps.acceptance.keys.during(person.name, idempotency, store)
  if (changed === 'final') throw tooLate(deps, post, 'changed')
  if (changed === 'repeated') response.set('Idempotent-Replayed', 'true')
  response.json(readable(deps, post.id, response))
}

/** 204 when the post is gone everywhere, 202 if the chat still has to remove it. */
async function withdraw(deps: PostsDeps, request: Request, response: Response): Promise<void> {
  const post = own(deps, request, response)
  const gone = goneWithin(deps.outbox, post.id, REMOVED_MS)
  if ((await deps.outbox.edits.remove(post.id, personOf(response).origin)) === 'final') {
    gone.stop()
    throw tooLate(deps, post, 'deleted')
  }
  if (await gone.promise) response.status(204).end()
  else response.status(202).json({ status: 'queued' })
}

function goneWithin(outbox: Outbox, id: string, ms: number) {
  const { promise, resolve } = Promise.withResolvers<boolean>()
  const look = () => {
    if (!outbox.find(id)) end(true)
  }
  const unsubscribe = outbox.onChange(look)
  const timer = setTimeout(() => end(false), ms)
  const end = (isGone: boolean) => {
    clearTimeout(timer)
    unsubscribe()
    resolve(isGone)
  }
  return { promise, stop: () => end(false) }
}

function tooLate(deps: PostsDeps, post: StoredPost, what: string): RelayError {
  const status = deps.outbox.find(post.id)?.post.status ?? 'deleted'
  const now = status === 'dead' ? 'was not delivered' : `is ${status}, or is being deleted`
  return new RelayError(
    'too_late',
    `The post to ${post.destination} can no longer be ${what}: it ${now}`,
  )
}
