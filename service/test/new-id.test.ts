import { expect, test } from '@jest/globals'
import { newId } from '../storage/new-id.ts'

const FORM = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/

test('ids are UUIDs of version 7: sorted as they were made, and never the same', () => {
  const times = [0, 1, 255, 1_700_000_000_000, 1_796_099_788_494, 2 ** 47]
  const ids = times.flatMap((time) => Array.from({ length: 1000 }, () => newId(time)))
  for (const id of ids) expect(id).toMatch(FORM)
  expect(new Set(ids).size).toBe(ids.length)
  expect(ids.toSorted((one, other) => (one < other ? -1 : 1))).toEqual(ids)
})
