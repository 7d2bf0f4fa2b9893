// What is around a formula is not part of it, for chats and for the page alike.
import { expect, test } from '@jest/globals'

import { bareTex } from '../../render/tex.ts'

test.each([
  ['x', 'x'],
  [' $x^2$\n', 'x^2'],
  ['$$ x\n+ y $$', 'x\n+ y'],
  ['\\[x\\\\[4pt] y\\]', 'x\\\\[4pt] y'],
  ['\\(x\\)', 'x'],
  ['$$\\text{for $x$}$$', '\\text{for $x$}'],
  ['$a$ and $b$', '$a$ and $b$'],
  ['$$a$$ and $$b$$', '$$a$$ and $$b$$'],
  ['$', '$'],
  ['$$', ''],
])('%j is the formula %j', (text, tex) => {
  expect(bareTex(text)).toBe(tex)
})
