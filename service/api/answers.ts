// `/api/v1/posts/ID/answer` and `/api/v1/posts/ID/replies`: questions and what people reply.
import { z } from 'zod'

import { Answer, ReplyText } from '../../post/contract/question.ts'
import type { Operation } from './operation.ts'
import { OnePost, WaitQuery } from './parameters.ts'

const JSON_TYPE = 'application/json'
export const SaidReply = z.object({
  from: z.string(),
  text: z.string(),
  at: z.string().describe('ISO 8601'),
})

export const ANSWERS: readonly Operation[] = [
  {
    method: 'get',
    path: '/api/v1/posts/{id}/answer',
    id: 'readAnswer',
    summary: 'Wait for the answer to a question',
    description: 'Answered as soon as the question is over, or after `wait` seconds.',
    caller: 'reader',
    parameters: OnePost,
    query: WaitQuery,
    answers: [
      { status: 200, description: 'How the question stands.', content: { [JSON_TYPE]: Answer } },
    ],
    refusals: ['unknown_post', 'unknown_question', 'busy'],
  },
  {
    method: 'delete',
    path: '/api/v1/posts/{id}/answer',
    id: 'withdrawQuestion',
    summary: 'Take a question back',
    caller: 'token',
    parameters: OnePost,
    answers: [
      { status: 200, description: 'How the question ended.', content: { [JSON_TYPE]: Answer } },
    ],
    refusals: ['unknown_post', 'unknown_question'],
  },
  {
    method: 'post',
    path: '/api/v1/posts/{id}/replies',
    id: 'reply',
    summary: 'Reply to a post of the inbox',
    caller: 'reader',
    parameters: OnePost,
    body: { [JSON_TYPE]: ReplyText },
    answers: [
      { status: 201, description: 'The reply as stored.', content: { [JSON_TYPE]: SaidReply } },
    ],
    refusals: ['unknown_post', 'too_many'],
  },
]
