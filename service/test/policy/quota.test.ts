// What a person may ask of the chat: names that do not exist are looked up too, and cost more.
import { expect, test } from '@jest/globals'
import { RelayError } from '../../errors.ts'
import { Quotas } from '../../policy/quota.ts'

const QUOTA = { postsPerMinute: 12, bytesPerHour: 1, directPerDay: 1 }
const TOO_MANY = { code: 'too_many' }

const found = async () => 'found'
const refused = async () => {
  throw new RelayError('unknown_target', 'There is none')
}

const fails = async () => {
  throw new RelayError('chat_refuses', 'It does not take the token')
}

test('a wrong name costs as much as several posts, and then the chat is not asked', async () => {
  const quotas = new Quotas(QUOTA)
  const wrong = { code: 'unknown_target' }
  await expect(quotas.lookUp('ada', 1, refused)).rejects.toMatchObject(wrong)
  await expect(quotas.lookUp('ada', 1, refused)).rejects.toMatchObject(wrong)
  await expect(quotas.lookUp('ada', 1, refused)).rejects.toMatchObject(wrong)
  let asked = false
  const asking = quotas.lookUp('ada', 1, async () => (asked = true))
  await expect(asking).rejects.toMatchObject(TOO_MANY)
  expect(asked).toBe(false)
  expect(await quotas.lookUp('bob', 12, found)).toBe('found')
})

test('posts that are looked up at the same time are counted before any is', async () => {
  const quotas = new Quotas(QUOTA)
  let asked = 0
  const lookUps = Array.from({ length: 20 }, () => quotas.lookUp('ada', 1, async () => asked++))
  const all = await Promise.allSettled(lookUps)
  expect(all.filter(({ status }) => status === 'fulfilled')).toHaveLength(12)
  expect(asked).toBe(12)
})

test('a chat that fails costs nothing more', async () => {
  const quotas = new Quotas(QUOTA)
  for (let n = 0; n < 12; n += 1)
    await expect(quotas.lookUp('ada', 1, fails)).rejects.toMatchObject({ code: 'chat_refuses' })
})
