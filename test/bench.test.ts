// The benchmarks as docs/performance.md describes them, shortened: checks that they measure, not
// the figures, except the one that compares within a run.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { root, testHome } from './helpers/clone.ts'
import { finish } from './helpers/program.ts'

const COMMAND =
  'python bench/kernel_bench.py --quick --only start,trivial -k jupyterpost python3 --base python3 --json .state/bench.json --md .state/bench.md'

test('the benchmark measures the installed kernel and ipykernel in turn', async () => {
  await using home = await testHome()
  const { code } = await finish('sh', ['-c', COMMAND], { env: home.env, cwd: root })
  expect(code).toBe(0)
  const table = readFileSync(join(root, '.state/bench.md'), 'utf8')
  expect(table).toMatch(/^\| \| jupyterpost \| python3 \|$/m)
  // Both have a figure, not a failure.
  expect(table).toMatch(/^\| `1\+1` to reply\+idle, median ms \| [\d.]+ \([\d.]+x\) \| [\d.]+ \|$/m)
}, 240_000)

test('a cell with %%post costs at most 10 ms more than the same cell followed by %post', async () => {
  const { code, stdout, stderr } = await finish('node', ['bench/posting.ts', '12'], { cwd: root })
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  expect(
    stdout.match(/^\| .* \| [\d.]+ ms \| [\d.]+ ms \| [\d.]+ ms \| -?[\d.]+ ms \|$/gm),
  ).toHaveLength(4)
}, 120_000)
