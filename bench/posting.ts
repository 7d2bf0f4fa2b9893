// The cost of `%%post`: each cell runs with it, with `%post` as its last line, and followed by a
// cell of `%post`, in turn, through a real kernel and its local relay. `node bench/posting.ts
// [ROUNDS]` prints medians, and exits with 1 if `%%post` costs over 10 ms more.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Client } from '../kernel/test/helpers/client.ts'
import { spawnKernel } from '../kernel/test/helpers/kernel.ts'
import { spawnProgram, temporaryFolder } from '../service/test/helpers/relay.ts'

/** ms that `%%post` may cost more. */
const MOST_MS = 10

const CELLS: Readonly<Record<string, string>> = {
  'one line of text': "console.log('loss 0.1')",
  'a table': '[{ epoch: 1, loss: 0.4 }, { epoch: 2, loss: 0.2 }]',
  '1000 lines': 'for (let n = 0; n < 1000; n += 1) console.log(`line ${n} of a long log`)',
  'an image of 300 kB': "display.png(Buffer.alloc(300_000, 'iVBORw0KGgo=', 'base64'))",
}

const rounds = Number(process.argv[2] ?? 60)
using folder = temporaryFolder()
const config = join(folder.path, 'config.json')
writeFileSync(config, JSON.stringify({ quota: { postsPerMinute: 100_000 } }))
await using relay = spawnProgram('../../main', [], { ...folder.env, JUPYTERPOST_CONFIG: config })
await relay.line(/^Relay: /)
const kernel = await spawnKernel({ env: { ...folder.env, JUPYTERPOST_URL: 'local' } })
const client = await new Client(kernel.connection).connect()
try {
  process.exitCode = (await measureAll()) ? 0 : 1
} finally {
  client.close()
  await kernel.close()
}

async function measureAll(): Promise<boolean> {
  console.log(
    '| the cell shows | `%%post` | ends in `%post` | a cell of `%post` after it | `%%post` more |',
  )
  console.log('|---|---|---|---|---|')
  let isCheap = true
  for (const [name, code] of Object.entries(CELLS)) {
    const ways = [[`%%post @me\n${code}`], [`${code}\n%post @me`], [code, '%post @me']]
    const times: number[][] = ways.map(() => [])
    for (let round = -3; round < rounds; round += 1) {
      // Each way goes first equally often, so that leftovers of an earlier one hit all alike.
      for (let n = 0; n < ways.length; n += 1) {
        const way = (n + round + ways.length) % ways.length
        const ms = await run(ways[way] ?? [])
        if (round >= 0) times[way]?.push(ms)
      }
    }
    const [cell = [], line = [], after = []] = times
    const more = median(cell.map((ms, n) => ms - (after[n] ?? 0)))
    isCheap &&= more <= MOST_MS
    const figures = [cell, line, after].map((list) => `${median(list).toFixed(1)} ms`)
    console.log(`| ${[name, ...figures, `${more.toFixed(1)} ms`].join(' | ')} |`)
  }
  return isCheap
}

async function run(cells: readonly string[]): Promise<number> {
  const start = performance.now()
  for (const code of cells) {
    const { reply } = await client.execute(code)
    if (reply.content['status'] !== 'ok') throw new Error(JSON.stringify(reply.content))
  }
  const ms = performance.now() - start
  // The client searches everything it has ever received.
  client.received.length = 0
  return ms
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
}
