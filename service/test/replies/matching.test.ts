import { expect, test } from '@jest/globals'

import type { Reply } from '../../chat/chat.ts'
import { askedOf, choiceOf, cleanAnswer } from '../../replies/matching.ts'

const CHOICES = ['Yes', 'no', 'keep it', '2', 'Ünder']

test.each([
  ['yes', 0],
  ['YES', 0],
  [' no ', 1],
  ['keep   it', 2],
  ['1', 0],
  ['3.', 2],
  ['#3', 2],
  ['3)', 2],
  // A word written in the question takes precedence over a number.
  ['2', 3],
  ['u\u0308nder', 4],
  ['5', 4],
])('%j means choice %i', (text, index) => {
  expect(choiceOf(text, CHOICES)).toBe(index)
})

test.each(['', '0', '6', '-1', '1.5', '1 2', 'yes!', 'yes no', '1e0', '0x1', 'constructor'])(
  '%j means no choice',
  (text) => {
    expect(choiceOf(text, CHOICES)).toBeUndefined()
  },
)

test.each([
  ['  a\r\nb\tc\u0000\u001b\u009b ', 'a\nb c'],
  ['x'.repeat(2001), 'x'.repeat(2000)],
  [`${'x'.repeat(1999)}😀`, 'x'.repeat(1999)],
  ['\u0007\n', ''],
])('of %j is kept %j', (text, kept) => {
  expect(cleanAnswer(text)).toBe(kept)
})

const place = (change: object = {}) => ({
  account: 'u-ada',
  lane: 'd1',
  thread: 't1',
  messages: ['t1'],
  askedAt: 1000,
  until: 9000,
  ...change,
})
const reply = (change: Partial<Reply> = {}): Reply => ({
  id: 'r1',
  lane: 'd1',
  thread: 't1',
  direct: true,
  account: 'u-ada',
  text: 'yes',
  at: 2000,
  ...change,
})
const FIRST = place()
const SECOND = place({ thread: 't2', messages: ['t2'], askedAt: 3000 })
const SAME_THREAD = place({ messages: ['m3'], askedAt: 3000 })

test.each([
  ['in its thread', {}, [FIRST, SECOND], FIRST],
  ['by somebody else', { account: 'u-eve' }, [FIRST], undefined],
  ['elsewhere', { lane: 'd2' }, [FIRST], undefined],
  ['in another thread', { thread: 't9' }, [FIRST], undefined],
  ['when its time was up', { at: 9001 }, [FIRST], undefined],
  ['at the last moment', { at: 9000 }, [FIRST], FIRST],
  // The chat's clock may be behind: a thread that the question opened contains nothing older.
  ['in its thread, seemingly before it', { at: 10 }, [FIRST], FIRST],
  ['in a thread that it joined, before it', { at: 2999 }, [SAME_THREAD], undefined],
  ['in a thread of two, after both', { at: 3001 }, [FIRST, SAME_THREAD], SAME_THREAD],
  ['in a thread of two, between them', { at: 3000 }, [FIRST, SAME_THREAD], FIRST],
  ['beside all threads', { thread: undefined, at: 3001 }, [FIRST, SECOND], SECOND],
  ['beside all threads, before the newest', { thread: undefined }, [FIRST, SECOND], FIRST],
  ['beside all threads, before all', { thread: undefined, at: 999 }, [FIRST, SECOND], undefined],
  ['beside all threads of a channel', { thread: undefined, direct: false }, [FIRST], undefined],
  ['to the first of two by a service that tells', { to: 't1' }, [FIRST, SAME_THREAD], FIRST],
  ['to another message of the thread', { to: 'm9' }, [FIRST, SAME_THREAD], undefined],
  ['while nobody is known to be asked', {}, [place({ account: undefined })], undefined],
])('what is said %s', (_, said, open, expected) => {
  expect(askedOf(reply(said), open)).toBe(expected)
})
