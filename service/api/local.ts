// What only a relay on one's own machine has: its proof of being that relay, links to its page, and
// how a browser is let in (docs/security.md).
import { z } from 'zod'

import { PagePublicKey } from '../hub/page-keys.ts'
import type { Operation } from './operation.ts'
import { MOST_LISTED, NONCE, ProofQuery } from './parameters.ts'

const JSON_TYPE = 'application/json'
const Secret = z.string().regex(NONCE)

export const LinksWanted = z.object({
  posts: z.array(z.string().max(100)).max(MOST_LISTED).default([]),
})
export const Admission = z.object({ code: Secret, key: PagePublicKey })
export const Greeting = z.object({ key: Secret, nonce: Secret })
export const Signed = z.object({ challenge: Secret, signature: Secret })

const Proof = z.object({ instance: z.string(), proof: z.string() })
const Links = z.object({ page: z.string(), posts: z.array(z.string()) })
const Forgotten = z.object({ forgotten: z.int().nonnegative() })
const Admitted = z.object({ key: z.string(), relay: PagePublicKey })
const Challenge = z.object({
  meeting: z.object({
    origin: z.string(),
    relay: z.string(),
    instance: z.string(),
    key: z.string(),
    nonce: z.string(),
    challenge: z.string(),
  }),
  signature: z.string(),
})
const Session = z.object({ secret: z.string() })

const REQUESTS: readonly Operation[] = [
  {
    method: 'get',
    path: '/api/v1/proof',
    id: 'readProof',
    summary: 'Have the relay prove that it is the one of relay.json',
    caller: 'anyone',
    query: ProofQuery,
    answers: [
      {
        status: 200,
        description: 'An HMAC of the nonce by the token of relay.json.',
        content: { [JSON_TYPE]: Proof },
      },
    ],
  },
  {
    method: 'post',
    path: '/api/v1/links',
    id: 'makeLinks',
    summary: 'Make links to the inbox page and to posts in it',
    caller: 'token',
    body: { [JSON_TYPE]: LinksWanted },
    answers: [
      {
        status: 201,
        description: 'Each link lets in one browser, once, within 10 minutes.',
        content: { [JSON_TYPE]: Links },
      },
    ],
  },
  {
    method: 'delete',
    path: '/api/v1/page/keys',
    id: 'forgetBrowsers',
    summary: 'Withdraw the access of all browsers',
    caller: 'token',
    answers: [
      { status: 200, description: 'How many there were.', content: { [JSON_TYPE]: Forgotten } },
    ],
  },
  {
    method: 'post',
    path: '/api/v1/page/keys',
    id: 'admitBrowser',
    summary: 'Let a browser in by the code of its link',
    caller: 'anyone',
    body: { [JSON_TYPE]: Admission },
    answers: [
      {
        status: 201,
        description: 'The id of the key, and the key of the relay.',
        content: { [JSON_TYPE]: Admitted },
      },
    ],
    refusals: ['bad_code'],
  },
  {
    method: 'post',
    path: '/api/v1/page/challenges',
    id: 'greetPage',
    summary: 'Have the relay prove itself to a page, and get a challenge',
    caller: 'anyone',
    body: { [JSON_TYPE]: Greeting },
    answers: [
      { status: 201, description: 'The challenge, signed.', content: { [JSON_TYPE]: Challenge } },
    ],
    refusals: ['bad_key'],
  },
  {
    method: 'post',
    path: '/api/v1/page/sessions',
    id: 'openSession',
    summary: 'Open a session of the page by signing the challenge',
    caller: 'anyone',
    body: { [JSON_TYPE]: Signed },
    answers: [
      { status: 201, description: 'The secret of the session.', content: { [JSON_TYPE]: Session } },
    ],
    refusals: ['bad_key'],
  },
]

export const LOCAL = REQUESTS.map((request): Operation => ({ ...request, isLocal: true }))
