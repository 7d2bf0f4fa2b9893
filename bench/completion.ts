// Tab in cells that never ran, over the wire: `node bench/completion.ts [CELLS...]` (50 and 500)
// prints times idle and while a cell spins, the first one after a start, and the server's memory.
import { startKernel } from './typing-kernel.ts'
import type { TypingKernel } from './typing-kernel.ts'

/** Completions of each kind. */
const ROUNDS = 60
/** Kernels started for the first completion. */
const STARTS = 5

const counts = process.argv.slice(2).map(Number)
await measureFirst()
console.log('| cells | idle p50, p95 | server CPU | spins p50, p95 | PSS of the server |')
console.log('|---|---|---|---|---|')
for (const count of counts.length > 0 ? counts : [50, 500]) await measureAfter(count)

async function measureFirst(): Promise<void> {
  const times: number[] = []
  for (let n = 0; n < STARTS; n += 1) {
    await using kernel = await startKernel()
    times.push(await kernel.timed('const first: { isTyped: 1 } = null!; first.¦', 'isTyped'))
  }
  console.log(`first completion after a start: ${shown(times)}, worst ${ms(Math.max(...times))}\n`)
}

/** Each cell uses the name of the one before, and Node's. */
function cellOf(n: number): string {
  const before = n === 0 ? '1' : `v${n - 1}.count + f${n - 1}(1).made`
  return `import { join } from 'node:path'
    const v${n} = { count: ${before}, at: new Date(), path: join('a', 'b') }
    function f${n}(x: number) { return { made: x + v${n}.count, text: String(x) } }`
}

async function measureAfter(count: number): Promise<void> {
  await using kernel = await startKernel()
  for (let n = 0; n < count; n += 1) await kernel.run(cellOf(n))
  await kernel.untilTyped()
  for (let n = 0; n < 20; n += 1) await ask(kernel, count, n)
  const before = kernel.serverCpu()
  const idle = await askAll(kernel, count)
  const cpu = (kernel.serverCpu() - before) / ROUNDS
  await kernel.spin()
  const spins = await askAll(kernel, count)
  const row = [count, shown(idle), ms(cpu), shown(spins), `${kernel.serverPss().toFixed(0)} MB`]
  console.log(`| ${row.join(' | ')} |`)
}

async function askAll(kernel: TypingKernel, count: number): Promise<number[]> {
  const times: number[] = []
  for (let n = 0; n < ROUNDS; n += 1) times.push(await ask(kernel, count, n + 100))
  return times
}

/** Its answer is known only to the checker: the name is of a cell that never ran. */
function ask(kernel: TypingKernel, count: number, round: number): Promise<number> {
  const last = count - 1 - (round % 20)
  const cell = `const mine${round} = [f${last}(v${last}.count)]\nmine${round}[0].¦`
  return kernel.timed(cell, 'made')
}

function shown(times: readonly number[]): string {
  const sorted = times.toSorted((a, b) => a - b)
  const at = (part: number) => sorted[Math.floor((sorted.length - 1) * part)] ?? Number.NaN
  return `${ms(at(0.5))}, ${ms(at(0.95))}`
}

function ms(value: number): string {
  return `${value.toFixed(1)} ms`
}
