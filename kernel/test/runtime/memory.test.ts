// What a notebook keeps of ended cells: the newest values, and nothing of what failed.
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { until } from '../../../test/helpers/until.ts'
import { TestRuntime } from '../helpers/runtime.ts'

const MB = 1024 * 1024

let notebook: TestRuntime
beforeAll(async () => {
  notebook = new TestRuntime()
  await notebook.run(
    "require('node:v8').setFlagsFromString('--expose-gc'); globalThis.collect = require('node:vm').runInNewContext('gc'); 0",
  )
})
afterAll(() => notebook.close())

/** Bytes in use once all garbage is collected. */
async function held(): Promise<number> {
  await notebook.run('collect(); collect();')
  const used = 'const { heapUsed, arrayBuffers } = process.memoryUsage(); heapUsed + arrayBuffers'
  return Number(await notebook.result(used))
}

test('Out keeps the newest values, of large ones what fits into 64 MB, and always the last', async () => {
  const before = await held()
  for (let count = 0; count < 30; count++) {
    await notebook.run('new Array(2 * 2 ** 20).fill(Math.random())')
  }
  expect(await notebook.result('_.length')).toBe(String(2 * 2 ** 20))
  expect((await held()) - before).toBeLessThan(80 * MB)
  await notebook.run('new Uint8Array(100 * 2 ** 20)')
  expect(await notebook.result('Object.values(Out).at(-1).length')).toBe(String(100 * 2 ** 20))
  for (let count = 0; count < 150; count++) await notebook.run(`'value ${count}'`)
  const shown = await notebook.result(
    '[Object.keys(Out).length, Object.values(Out)[0], Object.values(Out).at(-1)].join()',
  )
  expect(shown).toBe("'100,value 50,value 149'")
})

test('what a cell threw is gone with it', async () => {
  await notebook.run(`
    const freed = []
    const registry = new FinalizationRegistry((number) => freed.push(number))
    const big = (number, error = new Error('big')) => {
      registry.register(error, number)
      return Object.assign(error, { data: new Uint8Array(16 * 2 ** 20).fill(1) })
    }`)
  const before = await held()
  for (const code of [
    'throw big(1)',
    'await 1; throw big(2)',
    'Promise.reject(big(3)); 0',
    'await post(big(4)); 0',
  ]) {
    await notebook.run(code)
  }
  for (let count = 0; count < 5; count++) await notebook.run('1;')
  expect((await held()) - before).toBeLessThan(10 * MB)
  const freed = () => notebook.result('freed.toSorted().join()')
  await until(async () => (await freed()) === "'1,2,3,4'", 'all four are freed', { saw: freed })
})
