// What is around a formula is not part of it, for chats and for the page alike.
import { expect, test } from '@jest/globals'

import { bareTex, texParts } from '../../render/tex.ts'

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
  ['$$', '$$'],
])('%j is the formula %j', (text, tex) => {
  expect(bareTex(text)).toBe(tex)
})

/** Formulas on lines of their own as `<x>`, within a line as `(x)`, text as it is. */
function parts(text: string): string {
  return texParts(text)
    .map((part) =>
      part.kind === 'text' ? part.text : part.display ? `<${part.tex}>` : `(${part.tex})`,
    )
    .join('')
}

test.each([
  ['$\\text{if $x>0$}$', '(\\text{if $x>0$})'],
  ['\\text{if $x>0$}', '<\\text{if $x>0$}>'],
  ['$$\\text{cost \\$5}$$', '<\\text{cost \\$5}>'],
  ['The area is $\\pi r^2$ and $5 is not', 'The area is (\\pi r^2) and $5 is not'],
  ['$$a$$ then $$b$$', '<a> then <b>'],
  ['$a$$b$', '(a)(b)'],
  ['\\(a\\) and \\[b\\]', '(a) and <b>'],
  ['so \\begin{align}a&=b\\\\c&=d\\end{align}', 'so <\\begin{align}a&=b\\\\c&=d\\end{align}>'],
  [
    '\\begin{a}\\begin{a}x\\end{a}\\end{a} y \\begin{a}z\\end{a}',
    '<\\begin{a}\\begin{a}x\\end{a}\\end{a}> y <\\begin{a}z\\end{a}>',
  ],
  ['$$a % costs $5 }\n b$$ x', '<a % costs $5 }\n b> x'],
  ['5 % of $x$', '5 % of (x)'],
  ['a { b $x$', 'a { b (x)'],
  ['costs \\$5 and 100\\% of $x$', 'costs $5 and 100% of (x)'],
  ['$5 and $6', '$5 and $6'],
  ['$ x\n\ny $', '$ x\n\ny $'],
  ['$\\frac{1}{$', '<$\\frac{1}{$>'],
  ['The mean is not defined.', 'The mean is not defined.'],
  ['x = 2', '<x = 2>'],
  ['', ''],
])('%j is %j', (text, found) => {
  expect(parts(text)).toBe(found)
})
