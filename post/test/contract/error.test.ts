// The message of anything that was thrown.
import { expect, test } from '@jest/globals'
import { messageOf } from '../../contract/error.ts'

test.each([
  [new TypeError('a bug'), 'a bug'],
  ['just text', 'just text'],
  [undefined, 'undefined'],
])('of a thrown %p the message is %p', (thrown, message) => {
  expect(messageOf(thrown)).toBe(message)
})
