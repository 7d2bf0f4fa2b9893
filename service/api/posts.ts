// `/api/v1/posts`: send, list, read, change and delete posts.
import { z } from 'zod'

import { Accepted, Feed, PostChange, PostManifest, ReadPost } from '../../post/contract/schema.ts'
import type { ErrorCode } from '../../post/contract/sentence.ts'
import type { Content, HeaderName, Operation } from './operation.ts'
import { IdempotencyHeaders, ListQuery, OneFile, OnePost } from './parameters.ts'
import { Bytes } from './schemas.ts'

const JSON_TYPE = 'application/json'
export const Queued = z.object({ status: z.literal('queued') })

const OF_A_POST: readonly string[] = [
  'readPost',
  'changePost',
  'deletePost',
  'readFile',
  'readAnswer',
  'withdrawQuestion',
  'reply',
]

/** A manifest alone, or in a form with its files. */
function manifest(schema: z.ZodType): Content {
  return {
    [JSON_TYPE]: schema,
    'multipart/form-data': z.object({
      post: schema,
      files: z.array(Bytes).optional(),
    }),
  }
}

const KEYS: readonly ErrorCode[] = ['idempotency_running', 'idempotency_conflict', 'busy']
/** What a target can be refused for. */
export const TARGETS: readonly ErrorCode[] = [
  'bad_target',
  'unknown_target',
  'not_allowed',
  'identity_not_linked',
  'chat_refuses',
]
export const RATES: readonly HeaderName[] = ['RateLimit-Policy', 'RateLimit']

export const POSTS: readonly Operation[] = [
  {
    method: 'post',
    path: '/api/v1/posts',
    id: 'sendPost',
    summary: 'Send a post',
    description:
      'Answered once the post is stored: from then on the relay delivers it, whatever happens. It becomes one post for each target; if one target is refused, nothing is stored. A form needs a `Content-Length`.',
    caller: 'token',
    headers: IdempotencyHeaders,
    body: manifest(PostManifest),
    answers: [
      {
        status: 202,
        description: 'Stored: a post for each target, in the order of the targets.',
        content: { [JSON_TYPE]: Accepted },
        headers: ['Idempotent-Replayed', ...RATES],
        links: { id: '$response.body#/posts/0/id', to: OF_A_POST },
      },
    ],
    refusals: [...TARGETS, ...KEYS, 'too_many'],
  },
  {
    method: 'get',
    path: '/api/v1/posts',
    id: 'listPosts',
    summary: 'List posts',
    description:
      'The posts that the caller sent, in every state, and those of the inbox that the caller may read; the oldest of them comes first. Without `since` and `before` these are the newest ones. If the answer has a `before`, there are older ones: pass it on as `before`. With filters an answer may have fewer posts than `limit`, or none, and still a `before`.',
    caller: 'reader',
    query: ListQuery,
    answers: [{ status: 200, description: 'Posts.', content: { [JSON_TYPE]: Feed } }],
    refusals: ['bad_target'],
  },
  {
    method: 'get',
    path: '/api/v1/posts/{id}',
    id: 'readPost',
    summary: 'Read a post',
    caller: 'reader',
    parameters: OnePost,
    answers: [{ status: 200, description: 'The post.', content: { [JSON_TYPE]: ReadPost } }],
    refusals: ['unknown_post'],
  },
  {
    method: 'patch',
    path: '/api/v1/posts/{id}',
    id: 'changePost',
    summary: 'Change a post',
    description:
      'Gives the post new content, all of it. Answered once the change is stored; the chat shows it a moment later. Only the sender may do it.',
    caller: 'token',
    parameters: OnePost,
    headers: IdempotencyHeaders,
    body: manifest(PostChange),
    answers: [
      {
        status: 200,
        description: 'Stored: the post as it is to be.',
        content: { [JSON_TYPE]: ReadPost },
        headers: ['Idempotent-Replayed', ...RATES],
      },
    ],
    refusals: ['unknown_post', 'too_late', ...KEYS, 'too_many'],
  },
  {
    method: 'delete',
    path: '/api/v1/posts/{id}',
    id: 'deletePost',
    summary: 'Delete a post',
    caller: 'token',
    parameters: OnePost,
    answers: [
      {
        status: 202,
        description: 'The chat still has to remove it.',
        content: { [JSON_TYPE]: Queued },
      },
      { status: 204, description: 'The post is gone everywhere.' },
    ],
    refusals: ['unknown_post', 'too_late', 'too_many'],
  },
  {
    method: 'get',
    path: '/api/v1/posts/{id}/files/{n}',
    id: 'readFile',
    summary: 'Read a file of a post',
    caller: 'reader',
    parameters: OneFile,
    answers: [
      { status: 200, description: 'The bytes, with their type.', content: { '*/*': Bytes } },
    ],
    refusals: ['unknown_post'],
  },
]
