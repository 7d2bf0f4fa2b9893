// `POST api/v1/posts/ID/replies`: somebody replies on the inbox page to a post of the inbox.
import { Router } from 'express'
import type { Request, RequestHandler, Response } from 'express'

import { ReplyText } from '../../post/contract/question.ts'
import type { Inbox } from '../chat/inbox.ts'
import { RelayError } from '../errors.ts'
import type { Outbox } from '../outbox/outbox.ts'
import type { Charging } from './charging.ts'
import type { PostFeed } from './feed.ts'
import { personOf } from './guard.ts'
import { jsonBody, readJson } from './json-body.ts'

/** Enough for 2000 characters, however JSON escapes them. */
const MOST_BYTES = 16 * 1024

export interface ReplyRoutes {
  inbox: Inbox
  feed: PostFeed
  outbox: Outbox
  guardReply: RequestHandler
  charging: Charging
}

export function repliesRouter(deps: ReplyRoutes): Router {
  const router = Router()
  const { guardReply, charging } = deps
  const tryChange = charging.tries('changesPerMinute')
  const json = jsonBody(MOST_BYTES)
  router.post('/:id/replies', guardReply, tryChange, json, async (request, response) =>
    reply(deps, request, response),
  )
  return router
}

async function reply(deps: ReplyRoutes, request: Request, response: Response): Promise<void> {
  const person = personOf(response)
  const id = String(request.params.id)
  const message = deps.feed.inInbox(person, id)
  if (!message) {
    const missing = deps.feed.missing(person, id)
    if (missing.code === 'no_longer_kept') throw missing
    throw new RelayError(
      'unknown_post',
      'There is no such post in the inbox among those you may read; reply to a post of a chat in that chat',
    )
  }
  const { text } = readJson(ReplyText, request)
  const said = await deps.inbox.reply(message, person, text)
  await deps.outbox.touch(message.id, 'replied')
  response.status(201).json(said)
}
