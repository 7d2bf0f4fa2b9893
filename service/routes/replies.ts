// `POST api/v1/posts/ID/replies`: somebody replies on the inbox page to a post of the inbox.
import express, { Router } from 'express'
import type { Request, RequestHandler, Response } from 'express'

import { ReplyText } from '../../post/contract/question.ts'
import type { Inbox } from '../chat/inbox.ts'
import { RelayError } from '../errors.ts'
import type { Outbox } from '../outbox/outbox.ts'
import type { Charging } from './charging.ts'
import type { PostFeed } from './feed.ts'
import { personOf } from './guard.ts'

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
  router.post(
    '/:id/replies',
    deps.guardReply,
    deps.charging.tries('changesPerMinute'),
    express.json({ limit: MOST_BYTES }),
    (request, response) => reply(deps, request, response),
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
  const sent = ReplyText.safeParse(request.body)
  if (!sent.success) {
    throw new RelayError(
      'bad_request',
      'Expected the JSON {"text": …} of 1 to 2000 characters, with Content-Type: application/json',
    )
  }
  const said = await deps.inbox.reply(message, person, sent.data.text)
  await deps.outbox.touch(message.id, 'replied')
  response.status(201).json(said)
}
