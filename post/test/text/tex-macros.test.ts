// Definitions in TeX: cases that the Python package runs too.
import { describe, expect, test } from '@jest/globals'
import { z } from 'zod'
import { MacroBook, macrosIn } from '../../text/tex-macros.ts'
import { fixture } from '../helpers/fixture.ts'

const cases = fixture(
  'macros',
  z.object({
    found: z.array(z.object({ name: z.string(), text: z.string(), macros: z.array(z.string()) })),
    used: z.array(
      z.object({
        name: z.string(),
        learned: z.array(z.string()),
        tex: z.string(),
        used: z.string(),
      }),
    ),
  }),
)

describe('found in TeX', () => {
  test.each(cases.found)('$name', ({ text, macros }) => {
    expect([...macrosIn(text).macros.values()]).toEqual(macros)
  })
})

describe('needed by TeX', () => {
  test.each(cases.used)('$name', ({ learned, tex, used }) => {
    const book = new MacroBook()
    for (const text of learned) book.learn(text)
    expect(book.usedBy(tex)).toBe(used)
  })
})

test('what is left is without the definitions', () => {
  expect(macrosIn('a \\def\\x{1} b \\newcommand{\\y} {2}c').rest).toBe('a  b c')
})
