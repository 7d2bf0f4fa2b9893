// What a person may ask of the chat: names that do not exist are looked up too, and cost more.
import { expect, test } from '@jest/globals'
import { RelayError } from '../../errors.ts'
import { DEFAULT_QUOTA, Quotas } from '../../policy/quota.ts'
import { Windows } from '../../policy/window.ts'

const QUOTA = { ...DEFAULT_QUOTA, postsPerMinute: 12 }
const ADA = { name: 'ada', groups: ['lab'] }
const BOB = { name: 'bob', groups: ['lab'] }
const TOO_MANY = { code: 'too_many' }

const found = async () => 'found'
const refused = async () => {
  throw new RelayError('unknown_target', 'There is none')
}

const fails = async () => {
  throw new RelayError('chat_refuses', 'It does not take the token')
}

test('a wrong name costs as much as several posts, and then the chat is not asked', async () => {
  const quotas = new Quotas(QUOTA, () => 0)
  const wrong = { code: 'unknown_target' }
  await expect(quotas.lookUp(ADA, 1, refused)).rejects.toMatchObject(wrong)
  await expect(quotas.lookUp(ADA, 1, refused)).rejects.toMatchObject(wrong)
  await expect(quotas.lookUp(ADA, 1, refused)).rejects.toMatchObject(wrong)
  let asked = false
  const asking = quotas.lookUp(ADA, 1, async () => (asked = true))
  await expect(asking).rejects.toMatchObject(TOO_MANY)
  expect(asked).toBe(false)
  expect(await quotas.lookUp(BOB, 12, found)).toBe('found')
})

test('posts that are looked up at the same time are counted before any is', async () => {
  const quotas = new Quotas(QUOTA, () => 0)
  let asked = 0
  const lookUps = Array.from({ length: 20 }, () => quotas.lookUp(ADA, 1, async () => asked++))
  const all = await Promise.allSettled(lookUps)
  expect(all.filter(({ status }) => status === 'fulfilled')).toHaveLength(12)
  expect(asked).toBe(12)
})

test('a chat that fails costs nothing more', async () => {
  const quotas = new Quotas(QUOTA, () => 0)
  for (let n = 0; n < 12; n += 1)
    await expect(quotas.lookUp(ADA, 1, fails)).rejects.toMatchObject({ code: 'chat_refuses' })
})

test('what is over by itself counts nothing, also of the quotas that had room', () => {
  const quotas = new Quotas({ ...DEFAULT_QUOTA, bytesPerHour: 10 }, () => 0)
  expect(() => quotas.charge(ADA, { postsPerMinute: 5, bytesPerHour: 11 })).toThrow(
    'At most 10 bytes of files an hour are taken from one person; try again in 3600 s',
  )
  expect(quotas.left(ADA)).toMatchObject({ postsPerMinute: { left: 300 } })
})

test('a window begins with the first post and is over after its time, by the clock', () => {
  let ms = 5000
  const quotas = new Quotas(QUOTA, () => ms)
  quotas.charge(ADA, { postsPerMinute: 12 })
  ms += 59_001
  expect(quotas.left(ADA).postsPerMinute).toEqual({ limit: 12, left: 0, seconds: 1 })
  expect(() => quotas.charge(ADA, { postsPerMinute: 1 })).toThrow('try again in 1 s')
  ms += 999
  expect(quotas.left(ADA).postsPerMinute).toEqual({ limit: 12, left: 12, seconds: 0 })
  quotas.charge(ADA, { postsPerMinute: 12 })
})

test('a person may have other figures, as may the members of a group, and a group has some together', () => {
  const settings = {
    ...QUOTA,
    people: { ada: { directPerDay: 1 } },
    groups: {
      lab: { each: { postsPerMinute: 20 }, together: { postsPerMinute: 30 } },
      big: { each: { postsPerMinute: 25 } },
    },
  }
  const quotas = new Quotas(settings, () => 0)
  const eve = { name: 'eve', groups: ['constructor'] }
  const cyd = { name: 'cyd', groups: ['lab', 'big'] }
  expect([ADA, BOB, cyd, eve].map((one) => quotas.left(one).postsPerMinute?.limit)).toEqual([
    20, 20, 25, 12,
  ])
  expect(quotas.left(ADA).directPerDay?.limit).toBe(1)
  quotas.charge(ADA, { postsPerMinute: 20 })
  expect(quotas.left(BOB).postsPerMinute).toEqual({
    limit: 30,
    left: 10,
    seconds: 60,
    group: 'lab',
  })
  expect(() => quotas.charge(BOB, { postsPerMinute: 11 })).toThrow(
    'At most 30 posts a minute are taken from the group lab together',
  )
  quotas.charge(eve, { postsPerMinute: 12 })
})

test('only windows that are not over take memory', () => {
  let ms = 0
  const windows = new Windows(1000, () => ms)
  for (let n = 0; n < 100_000; n += 1) {
    ms += 1
    windows.add(`person ${n}`, 1)
  }
  expect(windows.size).toBe(1000)
})
