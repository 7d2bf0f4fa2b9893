import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, test } from '@jest/globals'
import { fromPs, usageOf } from '../../src/runtime/processes.ts'

test('a table of ps is summed over a process and all below it', () => {
  const table = `
    1     0    9000   12:00.00
   10     1    1000    0:01.50
   12    11    3000 1-01:00:01
   11    10    2000   00:00:02
   13     1    8000    5:00.00
`
  expect(fromPs(table, 10)).toEqual({ seconds: 1.5 + 2 + 86_400 + 3600 + 1, bytes: 6000 * 1024 })
  expect(fromPs(table, 99)).toEqual({ seconds: 0, bytes: 0 })
})

test('the usage of this process holds that of its children', async () => {
  const alone = await usageOf(process.pid)
  expect(alone.seconds).toBeGreaterThan(0)
  const child = spawn(
    process.execPath,
    ['-e', "globalThis.a = Buffer.alloc(1e8, 1); console.log('full'); setInterval(() => 0, 1e6)"],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  )
  try {
    await once(child.stdout, 'data')
    const both = await usageOf(process.pid)
    expect(both.bytes).toBeGreaterThan((await usageOf(child.pid ?? 0)).bytes)
    expect((await usageOf(child.pid ?? 0)).bytes).toBeGreaterThan(1e8)
  } finally {
    child.kill()
    await once(child, 'exit')
  }
  expect(await usageOf(child.pid ?? 0)).toEqual({ seconds: 0, bytes: 0 })
})
