// `/`: what the Hub asks whether the relay is there, and `POST /` as in the original service.
import { z } from 'zod'

import type { Operation } from './operation.ts'
import { IdempotencyHeaders } from './parameters.ts'
import { RATES } from './posts.ts'
import { Bytes } from './schemas.ts'

const Form = z.object({
  channel: z.string().describe('The target, as one types it'),
  message: z.string().describe('Markdown'),
})

const SEND: Operation = {
  method: 'post',
  path: '/',
  id: 'sendOriginal',
  summary: 'Send a post in the form of the original service',
  description:
    'For its Python client, which works unchanged. Refusals are plain text, which that client shows to the person.',
  caller: 'token',
  headers: IdempotencyHeaders,
  body: {
    'application/x-www-form-urlencoded': Form,
    'multipart/form-data': Form.extend({ file: z.array(Bytes).optional() }),
  },
  answers: [
    {
      status: 200,
      description: 'Stored; the body is empty.',
      headers: ['Idempotent-Replayed', ...RATES],
    },
  ],
  plain: [
    {
      status: 400,
      description:
        'Refused for its target, policy, size, identity, quota or form; the text says why.',
    },
    { status: 403, description: 'Refused for its token.' },
    { status: 503, description: 'Not stored; try again later.' },
  ],
}

const ROOT: Operation = {
  method: 'get',
  path: '/',
  id: 'readRoot',
  summary: 'See that a relay is here',
  description: "On one's own machine this is the inbox page, on a Hub a line of text.",
  caller: 'anyone',
  answers: [{ status: 200, description: 'The page or the line.', content: { '*/*': Bytes } }],
}

export const ORIGINAL: readonly Operation[] = [SEND, ROOT]
