import { expect, test } from '@jest/globals'
import { parseInspection } from '../../src/cell/inspection.ts'

test.each([
  ['Math.floor?', 'Math.floor', 0],
  ['?Math.floor', 'Math.floor', 0],
  [' x ?? \n', 'x', 1],
  ['??été.$', 'été.$', 1],
])('%j asks what %j is, in detail %i', (source, name, detailLevel) => {
  expect(parseInspection(source)).toEqual({ name, detailLevel })
})

test.each([
  'x',
  'a ? b : c',
  '?',
  '',
  '%post?',
  '?%post',
  'f()?',
  '?x?',
  'x???',
  '1?',
  'a b?',
  'x?\ny',
])('%j asks nothing', (source) => {
  expect(parseInspection(source)).toBeUndefined()
})
