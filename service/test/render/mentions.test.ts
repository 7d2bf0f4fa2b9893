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
  ['bob@example.org bob@allianz.example', 'bob@example.org bob@allianz.example'],
  ['@&#98;ob &#64;bob \\@&#x62;ob', `@${Z}&#98;ob &#64;${Z}bob \\@${Z}&#x62;ob`],
  ['@\u202ebob', `@${Z}\u202ebob`], // shown as nothing: some servers take it away
  ['@\u2060bob', '@\u2060bob'],
  ['https://medium.com/@bob (@bob)', `https://medium.com/%40bob (@${Z}bob)`],
  ['[a](https://medium.com/@bob)', '[a](https://medium.com/%40bob)'],
  ['https://ada@example.org/@bob', 'https://ada@example.org/%40bob'],
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
  ['@&#97;ll @a&#108;l &commat;&#x0048;ere', `@${Z}&#97;ll @${Z}a&#108;l &commat;${Z}&#x0048;ere`],
  ['@&#97ll @al\\l', `@${Z}&#97ll @al\\l`],
  ['https://x.org/@here', 'https://x.org/%40here'],
])('in a MESSAGE %j becomes %j', (text, muted) => {
  expect(muteBroadcasts(text)).toBe(muted)
})
