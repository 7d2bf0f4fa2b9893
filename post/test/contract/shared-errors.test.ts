// What a person is told when a post is refused or the relay is away. The Python package runs the
// same cases.
import { expect, test } from '@jest/globals'
import { z } from 'zod'
import errors from '../../contract/errors.json' with { type: 'json' }
import { PostError } from '../../contract/error.ts'
import { CODES, sentence } from '../../contract/sentence.ts'
import { resolveEndpoint } from '../../relay/endpoint.ts'
import { parseAnswer, RelayAway, serverOf } from '../../relay/http.ts'
import type { Proxy } from '../../relay/way.ts'
import { unreached } from '../../relay/unreached.ts'
import { fixture } from '../helpers/fixture.ts'

const Outcome = z.object({
  /** Undefined if trying again can help. */
  code: z.string().optional(),
  message: z.string(),
  nearest: z.array(z.string()).optional(),
  retryAfterMs: z.number().optional(),
})
const cases = fixture(
  'errors',
  z.object({
    answers: z.array(
      z.object({
        url: z.string(),
        status: z.number(),
        reason: z.string(),
        retryAfter: z.string().optional(),
        proxy: z.string().optional(),
        body: z.string(),
        outcome: Outcome,
      }),
    ),
    connections: z.array(
      z.object({
        url: z.string().default('https://hub.example/'),
        error: z.string(),
        /** The variable that names a proxy. */
        proxy: z.string().optional(),
        /** What the proxy answered to CONNECT. */
        status: z.number().optional(),
        message: z.string(),
      }),
    ),
    endpoints: z.array(
      z.object({
        env: z.record(z.string(), z.string()),
        url: z.string().optional(),
        token: z.string().optional(),
        endpoint: z
          .object({ url: z.string(), token: z.string(), warnings: z.array(z.string()) })
          .optional(),
        outcome: Outcome.optional(),
      }),
    ),
    sentences: z.array(
      z.object({
        name: z.string(),
        values: z.record(z.string(), z.union([z.string(), z.number()])),
        text: z.string(),
      }),
    ),
  }),
)

function outcomeOf(work: () => unknown): unknown {
  try {
    return work()
  } catch (error) {
    if (error instanceof RelayAway) {
      const { message, retryAfterMs } = error
      return { message, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) }
    }
    if (!(error instanceof PostError)) throw error
    const { code, message, nearest } = error
    return { code, message, ...(nearest.length === 0 ? {} : { nearest }) }
  }
}

test.each(cases.answers)(
  '$status $body from $url',
  ({ url, status, reason, retryAfter = null, body, proxy, outcome }) => {
    const relay = { url: new URL(url), token: 't' }
    const answer = { status, reason, retryAfter, body }
    const found = outcomeOf(() => parseAnswer(relay, answer, proxyOf(proxy)))
    expect(found).toEqual(outcome)
  },
)

const Document = z.object({ code: z.string(), title: z.string() })

test('each code of a relay is answered with its status and title', () => {
  const answered = cases.answers.flatMap(({ status, body }) => {
    const found = body.startsWith('{') ? Document.safeParse(JSON.parse(body)).data : undefined
    return found === undefined ? [] : [[found.code, { status, title: found.title }]]
  })
  expect(Object.fromEntries(answered)).toEqual(CODES)
})

test.each(cases.connections)('no answer: $error of $url by $proxy', (given) => {
  const thrown = Object.assign(new Error('no'), { code: given.error })
  const server = serverOf({ url: new URL(given.url), token: 't' })
  const words = unreached(server, thrown, { proxy: proxyOf(given.proxy), refusal: given.status })
  expect(words).toBe(given.message.replace('{trust}', 'NODE_EXTRA_CA_CERTS'))
})

/** Its password is in no sentence. */
function proxyOf(setting: string | undefined): Proxy | undefined {
  const url = new URL('http://ada:secret@proxy.example:3128')
  return setting === undefined ? undefined : { url, setting }
}

test.each(cases.endpoints)('address of $env $url', ({ env, url, token, endpoint, outcome }) => {
  const found = outcomeOf(() => {
    const resolved = resolveEndpoint(env, { url, token })
    if (resolved.kind === 'local') return resolved
    return { url: resolved.url.href, token: resolved.token, warnings: resolved.warnings }
  })
  expect(found).toEqual(endpoint ?? outcome)
})

const isName = (name: string): name is keyof typeof errors.sentences =>
  Object.hasOwn(errors.sentences, name)

test.each(cases.sentences)('sentence $name', ({ name, values, text }) => {
  expect(isName(name) && sentence(name, values)).toBe(text)
})

test('each sentence has a case', () => {
  expect(cases.sentences.map(({ name }) => name).toSorted()).toEqual(
    Object.keys(errors.sentences).toSorted(),
  )
})
