// Bodies in memory: a limit for all, and one for each person, given back when a request is over.
import { expect, test } from '@jest/globals'

import { InFlight } from '../../routes/in-flight.ts'

const MB = 1024 * 1024

test('one person has at most their share at once, and others still get in', () => {
  const bodies = new InFlight(100 * MB)
  const end = bodies.add('ada', 60 * MB)
  bodies.add('ada', 40 * MB)
  expect(() => bodies.add('ada', 1)).toThrow('still receiving other large posts of yours')
  bodies.add('bob', 100 * MB)
  end()
  bodies.add('ada', 60 * MB)
  expect(() => bodies.add('ada', 1)).toThrow('still receiving other large posts of yours')
})

test('all together have 512 MB, which come back when a body is over', () => {
  const bodies = new InFlight(300 * MB)
  const end = bodies.add('ada', 300 * MB)
  bodies.add('bob', 212 * MB)
  expect(() => bodies.add('cy', 1)).toThrow('receiving many large posts')
  end()
  bodies.add('cy', 300 * MB)
  expect(() => bodies.add('dee', 1)).toThrow('receiving many large posts')
})
