import { expect, test } from '@jest/globals'

import { FairQueue } from '../../convert/fair-queue.ts'

let now = 0
const queue = () => new FairQueue(() => now)

/** Work that takes `ms` of the clock. */
function taking(ms: number, name: string, done: string[]): () => Promise<void> {
  return async () => {
    await Promise.resolve()
    now += ms
    done.push(name)
  }
}

async function fails(): Promise<never> {
  now += 100
  throw new Error('broken')
}

test('somebody whose pictures hang keeps others waiting for one of them at most', async () => {
  const fair = queue()
  const done: string[] = []
  const [ada, bob] = [
    { person: 'ada', ms: 0 },
    { person: 'bob', ms: 0 },
  ]
  const all = [1, 2, 3, 4].map((n) => fair.run(ada, taking(10_000, `ada ${n}`, done)))
  all.push(...[1, 2, 3].map((n) => fair.run(bob, taking(5, `bob ${n}`, done))))
  await Promise.all(all)
  expect(done).toEqual(['ada 1', 'bob 1', 'bob 2', 'bob 3', 'ada 2', 'ada 3', 'ada 4'])
})

test('an account is charged for the time of its own work only', async () => {
  const fair = queue()
  const [ada, bob] = [
    { person: 'ada', ms: 0 },
    { person: 'bob', ms: 0 },
  ]
  await Promise.all([fair.run(ada, taking(10_000, '', [])), fair.run(bob, taking(5, '', []))])
  expect([ada.ms, bob.ms]).toEqual([10_000, 5])
})

test('who comes late is not owed the time in which others worked alone', async () => {
  const fair = queue()
  const done: string[] = []
  const ada = { person: 'ada', ms: 0 }
  const first = [1, 2, 3].map((n) => fair.run(ada, taking(1000, `ada ${n}`, done)))
  await first[0]
  const bob = { person: 'bob', ms: 0 }
  const late = [1, 2, 3].map((n) => fair.run(bob, taking(1000, `bob ${n}`, done)))
  await Promise.all([...first, ...late])
  expect(done.slice(0, 4).filter((name) => name.startsWith('bob')).length).toBeLessThan(3)
})

test('work that fails is charged too, and the next one begins', async () => {
  const fair = queue()
  const ada = { person: 'ada', ms: 0 }
  await expect(fair.run(ada, fails)).rejects.toThrow('broken')
  expect(await fair.run(ada, async () => 'next')).toBe('next')
  expect(ada.ms).toBe(100)
})
