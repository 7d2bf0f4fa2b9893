// When the code that posts is loaded: while the kernel rests, but never while a cell runs, because
// an interrupt would have to wait.
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals'
import type { CellOutputs } from '../../src/capture/outputs.ts'
import { KernelPosts } from '../../src/posting/kernel-posts.ts'

const cell: CellOutputs = {
  cellId: 'a',
  executionCount: 1,
  source: '1',
  startedAt: 0,
  endedAt: undefined,
  status: 'running',
  outputs: [],
  leftOut: [],
}

let posts: KernelPosts
beforeEach(() => {
  jest.useFakeTimers()
  posts = new KernelPosts({
    env: {},
    relayProgram: '',
    folder: '/',
    variables: async () => [],
    onNews: () => undefined,
    stop: () => undefined,
  })
})
afterEach(() => {
  posts.close()
  jest.useRealTimers()
})

test('the code that posts is to be loaded once a cell has ended', () => {
  expect(jest.getTimerCount()).toBe(0)
  posts.cellStarted(cell, true)
  posts.cellEnded('a', { status: 'ok' })
  expect(jest.getTimerCount()).toBe(1)
})

test('a cell that starts puts the loading off, so that its interrupt finds the kernel free', () => {
  posts.cellEnded('a', { status: 'ok' })
  posts.cellStarted(cell, true)
  expect(jest.getTimerCount()).toBe(0)
})
