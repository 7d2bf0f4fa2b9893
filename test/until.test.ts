// A wait in vain fails with what was waited for and what was seen instead.
import { expect, test } from '@jest/globals'
import { Changes, until, within } from './helpers/until.ts'

test('a condition that comes true gives its value', async () => {
  let looks = 0
  expect(await until(() => ++looks === 3 && 'there', 'the third look')).toBe('there')
  expect(looks).toBe(3)
})

test('a condition that never comes true fails with the words and the last value, or with what there is', async () => {
  await expect(until(() => false, 'the post is there', { limit: 20 })).rejects.toThrow(
    'waited 0.02 s in vain: the post is there; saw false',
  )
  const options = { saw: () => ['queued'], limit: 20 }
  await expect(until(() => undefined, 'it is delivered', options)).rejects.toThrow(
    "waited 0.02 s in vain: it is delivered; saw [ 'queued' ]",
  )
})

test('a look that does not return is in vain, too', async () => {
  const never = new Promise<true>(() => undefined)
  await expect(until(() => never, 'an answer', { limit: 20 })).rejects.toThrow('an answer')
  await expect(within(never, 'the event', { limit: 20 })).rejects.toThrow('the event')
})

test('what fails while it is looked at fails the wait at once', async () => {
  const gone = Promise.reject(new Error('the file is gone'))
  await expect(until(() => gone, 'the file')).rejects.toThrow('the file is gone')
})

test('a state that soon passes is seen by who is told of each change', async () => {
  const changes = new Changes()
  let state = 0
  const seen = changes.until(() => state === 1 && 'one', 'state 1')
  for (state of [1, 2]) changes.tell()
  expect(await seen).toBe('one')
  await expect(changes.until(() => state === 1, 'state 1', { limit: 20 })).rejects.toThrow(
    'state 1',
  )
})
