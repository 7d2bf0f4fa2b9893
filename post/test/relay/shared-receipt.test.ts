// The lines that tell what became of a post: cases that the Python package runs too.
import { expect, test } from '@jest/globals'
import { z } from 'zod'
import words from '../../contract/notices.json' with { type: 'json' }
import { noticeText } from '../../contract/notices.ts'
import { StoredPost } from '../../contract/schema.ts'
import { receiptText, sentLines } from '../../relay/receipt.ts'
import type { Receipt } from '../../relay/receipt.ts'
import { fixture } from '../helpers/fixture.ts'

const cases = fixture(
  'notices',
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
    lines: z.array(
      z.object({
        name: z.string(),
        values: z.record(z.string(), z.union([z.string(), z.number()])),
        text: z.string(),
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

const isLine = (name: string): name is keyof typeof words => Object.hasOwn(words, name)

test.each(cases.lines)('line $name', ({ name, values, text }) => {
  expect(isLine(name) && noticeText(name, values)).toBe(text)
})

test('each line has a case', () => {
  expect(cases.lines.map(({ name }) => name).toSorted()).toEqual(Object.keys(words).toSorted())
})
