import { expect, test } from '@jest/globals'
import { muteBroadcasts, muteMentions } from '../../render/mentions.ts'

const Z = '\u200b'

test.each([
  ['@alice', `@${Z}alice`],
  ['hi @channel!', `hi @${Z}channel!`],
  ['@ALL @Here @everyone', `@${Z}ALL @${Z}Here @${Z}everyone`],
  ['\\@channel', `\\@${Z}channel`], // a backslash does not stop a server's mention
  ['&#64;channel &#x40;all &commat;here', `&#64;${Z}channel &#x40;${Z}all &commat;${Z}here`],
  ['|@bob|', `|@${Z}bob|`],
  ['[@bob](https://x)', `[@${Z}bob](https://x)`],
  ['.@bob -@bob _@bob', `.@${Z}bob -@${Z}bob _@${Z}bob`],
  ['bob@example.org', 'bob@example.org'],
  ['x@all', `x@${Z}all`],
  ['@émile', `@${Z}émile`],
  ['a @ b', 'a @ b'],
  ['@', '@'],
])('in an output %j becomes %j', (text, muted) => {
  expect(muteMentions(text)).toBe(muted)
})

test.each([
  ['@alice look', '@alice look'],
  ['@all @Channel', `@${Z}all @${Z}Channel`],
  ['&#64;everyone', `&#64;${Z}everyone`],
])('in a MESSAGE %j becomes %j', (text, muted) => {
  expect(muteBroadcasts(text)).toBe(muted)
})
