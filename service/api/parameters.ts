// Parameters in addresses and headers: the relay reads requests by these schemas, and the OpenAPI
// document is made from them.
import { z } from 'zod'

import { PostStatus } from '../../post/contract/schema.ts'

export const MOST_LISTED = 200
export const MOST_WAIT_S = 30
export const KEY = /^[\x21-\x7e]{1,200}$/
export const NONCE = /^[A-Za-z0-9_-]{16,128}$/

/** A whole number in an address: digits only, so neither `1e3` nor a blank. */
function whole(least: number, most: number) {
  const range = `expected a whole number from ${least} to ${most}`
  return z
    .string()
    .regex(/^\d{1,15}$/, range)
    .transform(Number)
    .pipe(z.int().min(least, range).max(most, range))
}

/** The largest number that JSON and SQLite read alike. */
const MOST_CURSOR = 999_999_999_999_999

const cursor = z
  .string()
  .regex(
    /^\d{1,15}$/,
    'expected a cursor: digits, as in the `cursor` of `GET api/v1/posts` or in the id of an event',
  )
  .describe('The `cursor` of an earlier answer, or the id of an event')

export const OnePost = z.object({ id: z.string().describe('The id of a post') })
export const OneFile = OnePost.extend({
  n: z
    .string()
    .regex(/^\d{1,4}$/)
    .describe('The index of the file in the post, from 0'),
})
export const OneWatch = z.object({
  id: z
    .string()
    .regex(
      /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/,
      'expected the id of a watch to be a UUID in lower case',
    )
    .describe('A UUID in lower case, which the client chooses'),
})

const wait = whole(0, MOST_WAIT_S).optional().describe('Seconds to wait for news; 0 if left out')

export const WaitQuery = z.strictObject({ wait })
export const CommandsQuery = z.strictObject({
  wait,
  after: whole(0, MOST_CURSOR).optional().describe('The `seq` of the last command that is known'),
})
export const EventsQuery = z.strictObject({
  since: cursor.optional(),
  until: z
    .enum(['now', 'ended'])
    .optional()
    .describe('`now`: the answer ends after the events so far'),
})
export const TargetsQuery = z.strictObject({
  q: z.string().max(300).optional().describe('What the person has typed so far'),
})
export const ProofQuery = z.strictObject({
  nonce: z
    .string()
    .regex(NONCE, 'expected 16 to 128 letters, digits, - or _')
    .describe('Random: 16 to 128 letters, digits, `-` or `_`'),
})
export const ListQuery = z.strictObject({
  limit: whole(1, MOST_LISTED).optional().describe('How many posts; 50 if left out'),
  since: cursor
    .optional()
    .describe('Lists the posts that changed after this `cursor`; not with the other parameters'),
  before: z
    .string()
    .max(300)
    .optional()
    .describe('Lists the posts that come before those of the answer that had this `before`'),
  target: z
    .string()
    .min(1)
    .max(200)
    .optional()
    .describe('Lists posts to this target, as one types it: `@me`, `~lab`, `mattermost:~lab`'),
  state: PostStatus.optional().describe('Lists posts in this state'),
  from: z.string().min(1).max(300).optional().describe('Lists posts that this person sent'),
})
export type ListQuery = z.infer<typeof ListQuery>

export const IdempotencyHeaders = z.object({
  'Idempotency-Key': z
    .string()
    .regex(KEY)
    .optional()
    .describe(
      '1 to 200 visible ASCII characters. The same request with the same key has one effect, for 30 days',
    ),
})
export const EventHeaders = z.object({
  'Last-Event-ID': cursor.optional().describe('As `since`, which a browser sends by itself'),
})
