// What a client asks besides posts: events, targets, limits, identity, and this description.
import { z } from 'zod'

import { LinkAnswer, LinkCode, LinkWish } from '../../post/contract/identity.ts'
import { LimitsAnswer } from '../../post/contract/schema.ts'
import type { Operation } from './operation.ts'
import { EventHeaders, EventsQuery, TargetsQuery } from './parameters.ts'

const JSON_TYPE = 'application/json'
export const Targets = z.object({ targets: z.array(z.string()) })
/** An event as a browser hands it on. */
const ServerSent = z.object({
  id: z.string().optional(),
  event: z.enum(['post', 'gone']).optional(),
  data: z.string().optional(),
})
const Document = z
  .looseObject({ openapi: z.string() })
  .meta({ description: 'An OpenAPI document, version 3.1' })

export const READING: readonly Operation[] = [
  {
    method: 'get',
    path: '/api/v1/events',
    id: 'readEvents',
    summary: 'Hear of posts as they change',
    description:
      'Server-sent events: `post` with a `ReadPost`, and `gone` with `{"id"}`. The id of an event is a cursor.',
    caller: 'reader',
    query: EventsQuery,
    headers: EventHeaders,
    answers: [
      { status: 200, description: 'Events.', content: { 'text/event-stream': ServerSent } },
    ],
    refusals: ['busy'],
  },
  {
    method: 'get',
    path: '/api/v1/targets',
    id: 'listTargets',
    summary: 'List targets that the caller may post to',
    caller: 'reader',
    query: TargetsQuery,
    answers: [
      {
        status: 200,
        description: 'At most 50 targets, the best first.',
        content: { [JSON_TYPE]: Targets },
      },
    ],
  },
  {
    method: 'get',
    path: '/api/v1/limits',
    id: 'readLimits',
    summary: 'Read the limits of posts, and what is left of the quotas',
    caller: 'reader',
    answers: [{ status: 200, description: 'Limits.', content: { [JSON_TYPE]: LimitsAnswer } }],
  },
  {
    method: 'post',
    path: '/api/v1/identity',
    id: 'linkAccount',
    summary: 'Ask for a code that links a chat account',
    description: 'The answer is the same whether or not the account exists.',
    caller: 'token',
    body: { [JSON_TYPE]: LinkWish },
    answers: [
      { status: 200, description: 'What happens next.', content: { [JSON_TYPE]: LinkAnswer } },
    ],
    refusals: ['unknown_target', 'chat_refuses', 'too_many_codes'],
  },
  {
    method: 'post',
    path: '/api/v1/identity/code',
    id: 'confirmAccount',
    summary: 'Confirm a chat account with the code that its bot sent',
    caller: 'token',
    body: { [JSON_TYPE]: LinkCode },
    answers: [
      { status: 200, description: 'The account is linked.', content: { [JSON_TYPE]: LinkAnswer } },
    ],
    refusals: ['wrong_code', 'chat_refuses', 'too_many_codes'],
  },
  {
    method: 'get',
    path: '/api/v1/openapi.json',
    id: 'readDocument',
    summary: 'Read this description',
    caller: 'anyone',
    answers: [{ status: 200, description: 'OpenAPI 3.1.', content: { [JSON_TYPE]: Document } }],
  },
]
