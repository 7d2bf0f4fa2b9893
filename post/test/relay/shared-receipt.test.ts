// What a person reads of what became of a post. The Python package runs the same cases.
import { expect, test } from '@jest/globals'
import { z } from 'zod'
import { StoredPost } from '../../contract/schema.ts'
import { receiptText, sentLines } from '../../relay/receipt.ts'
import type { Receipt } from '../../relay/receipt.ts'
import { fixture } from '../helpers/fixture.ts'

const cases = fixture(
  'first-line',
  z.object({
    receipts: z.array(
      z.object({
        captured: z.string().optional(),
        posts: z.array(StoredPost.omit({ id: true, target: true })).default([]),
        targets: z.array(z.string()).default([]),
        reason: z.string().optional(),
        notices: z.array(z.string()),
        text: z.string(),
        markdown: z.string(),
      }),
    ),
    sent: z.array(z.object({ count: z.int(), lines: z.array(z.string()) })),
  }),
)

test.each(cases.receipts)(
  '$text',
  ({ captured, posts, targets, reason, notices, text, markdown }) => {
    const stored = posts.map((post, n) => ({ ...post, id: String(n), target: post.destination }))
    const receipt: Receipt =
      reason === undefined
        ? { kind: 'accepted', posts: stored, notices }
        : { kind: 'spooled', targets, reason, notices }
    expect(receiptText(receipt, captured)).toEqual({ text, markdown })
  },
)

test.each(cases.sent)('$count waiting posts were sent', ({ count, lines }) => {
  expect(sentLines(count)).toEqual(lines)
})
