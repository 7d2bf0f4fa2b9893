// The relay as an Express app: connects gate, routes and errors. It reads no environment and does
// not listen.
import { Router } from 'express'
import type { Express, NextFunction, Request, Response } from 'express'

import type { Limits, StoredPost } from '../post/contract/schema.ts'
import { operationsOf } from './api/operations.ts'
import type { Person } from './chat/chat.ts'
import type { InboxStore } from './chat/inbox-store.ts'
import type { Inbox } from './chat/inbox.ts'
import type { ShownStore } from './convert/shown-store.ts'
import { RelayError } from './errors.ts'
import type { Gate } from './hub/gate.ts'
import type { LocalGate } from './hub/local-gate.ts'
import type { Log } from './log.ts'
import type { Offload } from './offload/offload.ts'
import type { Metrics } from './operations/metrics.ts'
import type { Outbox } from './outbox/outbox.ts'
import type { Identities } from './policy/identity.ts'
import type { MaskingPolicy } from './policy/masking.ts'
import type { Quotas } from './policy/quota.ts'
import type { Services } from './policy/resolve.ts'
import type { Asking } from './replies/asking.ts'
import type { Questions } from './replies/questions.ts'
import type { Watches } from './replies/watches.ts'
import { Acceptance } from './routes/accept.ts'
import { Uploads } from './routes/body.ts'
import { Charging } from './routes/charging.ts'
import { EventStreams } from './routes/events.ts'
import { PostFeed } from './routes/feed.ts'
import type { About } from './routes/feed.ts'
import { guard, personOf } from './routes/guard.ts'
import { documentRoute } from './routes/document.ts'
import { identityRouter } from './routes/identity.ts'
import { methodsOf } from './routes/methods.ts'
import { originalRouter } from './routes/original.ts'
import { LongPolls } from './routes/long-poll.ts'
import { hubPage, localRouter } from './routes/page.ts'
import type { PageOptions } from './routes/page.ts'
import { postsRouter } from './routes/posts.ts'
import { problemHandler } from './routes/problem.ts'
import { questionsRouter } from './routes/questions.ts'
import { repliesRouter } from './routes/replies.ts'
import { statusRouter } from './routes/status.ts'
import type { ReadyChecks } from './routes/status.ts'
import type { TellRefusal } from './routes/refused.ts'
import { targetsRoute } from './routes/targets.ts'
import { watchesRouter } from './routes/watches.ts'
import { shell } from './shell.ts'
import type { Files } from './storage/files.ts'

export interface AppDeps {
  /** Path of the relay, with a slash at both ends. */
  prefix: string
  /** Tells who is asking; `local` also lets the page in and proves that this is the relay. */
  gate: { kind: 'hub'; gate: Gate } | { kind: 'local'; gate: LocalGate }
  services: Services
  inbox: { service: Inbox; store: InboxStore }
  shown: ShownStore
  outbox: Outbox
  about: readonly About[]
  asking: Asking
  questions: Questions
  watches: Watches
  identities: Identities
  quotas: Quotas
  masking: MaskingPolicy
  offload: Offload
  limits: Limits
  /** Where large files are. */
  files: Files
  /** Posts that may wait for chats. */
  mostWaiting: number
  checks: ReadyChecks
  metrics: Metrics
  refused: TellRefusal
  page: PageOptions | undefined
  log: Log
  /** Called for each request that got in: without any, a local relay ends after a while. */
  active: () => void
}

export interface App {
  express: Express
  events: EventStreams
  polls: LongPolls
}

export function createApp(deps: AppDeps): App {
  const { gate, outbox, limits, log } = deps
  const seen = async (person: Person) => {
    deps.active()
    if (gate.kind === 'hub') await deps.inbox.store.seen(person)
  }
  const guardRead = guard(gate.gate, 'read', seen)
  const guardReply = guard(gate.gate, 'reply', seen)
  const guardWrite = guard(gate.gate, 'write', seen)
  const feed = new PostFeed(deps)
  const charging = new Charging(deps.quotas)
  const uploads = new Uploads({ ...deps, charging })
  const polls = new LongPolls()
  const events = new EventStreams({ feed, outbox, gate: gate.gate })
  const { questions } = deps
  const acceptance = new Acceptance(deps)
  const { metrics, refused } = deps
  const accepted = (posts: number) => metrics.accepted(posts)

  const api = Router()
  api.use(keepNothing)
  api.use(
    '/posts',
    postsRouter({
      acceptance,
      feed,
      outbox,
      services: deps.services.all,
      masking: deps.masking,
      uploads,
      charging,
      questions,
      linked: (post) => linked(deps, post),
      guardRead,
      guardWrite,
      accepted,
    }),
  )
  api.use('/watches', watchesRouter({ watches: deps.watches, polls, guardWrite }))
  api.use('/posts', questionsRouter({ questions, polls, guardRead, guardWrite }))
  api.use(
    '/posts',
    repliesRouter({ inbox: deps.inbox.service, feed, outbox, guardReply, charging }),
  )
  api.use('/identity', identityRouter({ identities: deps.identities, guardWrite }))
  api.get('/events', guardRead, (request, response) => events.serve(request, response))
  api.get('/targets', guardRead, targetsRoute(deps.services))
  const operations = operationsOf(gate.kind)
  api.get('/openapi.json', documentRoute(operations, deps.prefix))
  api.get('/limits', guardRead, (_request, response) => {
    response.json({ ...limits, quota: deps.quotas.left(personOf(response)) })
  })

  const router = Router()
  const parts = () => deps.checks.parts()
  router.use(methodsOf(operations))
  router.use(statusRouter({ gate: gate.gate, parts, metrics }))
  router.use('/api/v1', api)
  router.use(originalRouter({ acceptance, uploads, charging, guardWrite, accepted, refused }))
  if (gate.kind === 'local') {
    const recheck = () => events.recheck()
    router.use(localRouter({ gate: gate.gate, page: deps.page, recheck }))
  } else router.get('/', hubPage)

  const app = shell(log)
  if (gate.kind === 'local') app.use(onlyLoopbackNames)
  app.use(deps.prefix, router)
  app.use(notFound(deps.prefix))
  app.use(problemHandler(log, refused))
  return { express: app, events, polls }
}

/** A post in the local inbox gets a link that also lets the sender's browser in. */
function linked({ gate, inbox }: AppDeps, post: StoredPost): StoredPost {
  if (gate.kind === 'hub' || post.url === undefined) return post
  if (post.url !== inbox.service.addressOf(post.id)) return post
  return { ...post, url: `${gate.gate.page.origin}/${gate.gate.page.link(post.id)}` }
}

/**
 * Refuses other host names: a page of another site can make a browser reach 127.0.0.1 under a name
 * of its own (DNS rebinding).
 */
function onlyLoopbackNames(request: Request, _response: Response, next: NextFunction): void {
  const host = request.headers.host ?? ''
  if (/^(?:127\.0\.0\.1|localhost|\[::1\])(?::\d+)?$/i.test(host)) {
    next()
    return
  }
  throw new RelayError(
    'wrong_host',
    `Expected the Host header 127.0.0.1, localhost or [::1], got ${JSON.stringify(host)}`,
  )
}

/** Nothing may be cached: whoever has this address next could read it, and posts change. */
function keepNothing(_request: Request, response: Response, next: NextFunction): void {
  response.setHeader('Cache-Control', 'no-store')
  next()
}

function notFound(prefix: string) {
  return (request: Request): never => {
    throw new RelayError(
      'not_found',
      `${request.method} ${request.path} is no address of this relay, which is at ${prefix}`,
    )
  }
}
