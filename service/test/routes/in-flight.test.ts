// Memory of bodies under way: counted as they come, with a limit for all and one for each person.
import { expect, test } from '@jest/globals'

import { InFlight } from '../../routes/in-flight.ts'

const MB = 1024 * 1024

test('one person has at most their share at once, and others still get in', () => {
  const bodies = new InFlight()
  const [one, two, other] = [bodies.open('ada'), bodies.open('ada'), bodies.open('bob')]
  one.grow(40 * MB)
  two.grow(24 * MB)
  expect(() => two.grow(1)).toThrow('still receiving other large posts of yours')
  other.grow(30 * MB)
  one.end()
  two.grow(40 * MB)
  expect(() => two.grow(1)).toThrow('still receiving other large posts of yours')
})

test('all together have 128 MB, which come back when a body is over or on the disk', () => {
  const bodies = new InFlight()
  const [one, two, three] = [bodies.open('ada'), bodies.open('bob'), bodies.open('cy')]
  one.grow(64 * MB)
  two.grow(64 * MB)
  expect(() => three.grow(1)).toThrow('receiving many large posts')
  two.shrink(MB)
  three.grow(MB)
  expect(() => three.grow(1)).toThrow('receiving many large posts')
  one.end()
  // What is over gives back nothing more, and takes nothing.
  one.shrink(MB)
  one.grow(MB)
  three.grow(63 * MB)
  const rest = bodies.open('dee')
  rest.grow(MB)
  expect(() => rest.grow(1)).toThrow('receiving many large posts')
})

test('memory is scarce before it is refused, of one person first', () => {
  const bodies = new InFlight()
  const [one, other] = [bodies.open('ada'), bodies.open('bob')]
  one.grow(9 * MB)
  expect([one.isTight, other.isTight]).toEqual([true, false])
  one.grow(24 * MB)
  expect([one.isTight, other.isTight]).toEqual([true, true])
})
