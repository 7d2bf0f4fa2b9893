// The examples, executed by nbclient as `jupyter execute` does: each cell ends as the notebook says it does.
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { z } from 'zod'
import { inVenv } from '../../start/venv.ts'
import { readInbox } from '../../start/relay.ts'
import type { Relay } from '../../start/relay.ts'
import { startVenv } from '../../start/clone.ts'
import { root, testHome } from '../helpers/clone.ts'
import type { TestHome } from '../helpers/clone.ts'
import { finish } from '../helpers/program.ts'

const LIMIT = 120_000

/** Executes the notebook of stdin's name and prints it; a cell that fails without the tag raises-exception fails the program. */
const PROGRAM = `
import json, sys, nbformat
from nbclient import NotebookClient
nb = nbformat.read(sys.argv[1], as_version=4)
NotebookClient(nb, timeout=60, iopub_timeout=10, raise_on_iopub_timeout=True).execute()
print(json.dumps(nb))
`

const Output = z.looseObject({
  output_type: z.string(),
  text: z.string().optional(),
  ename: z.string().optional(),
  data: z.record(z.string(), z.unknown()).optional(),
})
const Executed = z.object({
  cells: z.array(z.object({ source: z.string(), outputs: z.array(Output).default([]) })),
})

let home: TestHome
let relay: Relay

beforeAll(async () => {
  home = await testHome()
  relay = await home.relay()
}, LIMIT)

afterAll(async () => {
  await home[Symbol.asyncDispose]()
}, LIMIT)

async function execute(name: string) {
  const { code, stdout, stderr } = await finish(
    inVenv(startVenv.folder, 'python'),
    ['-c', PROGRAM, join(home.notebooks, name)],
    { env: home.env, cwd: home.notebooks },
  )
  if (code !== 0) throw new Error(stderr)
  return Executed.parse(JSON.parse(stdout)).cells
}

test.each(readdirSync(join(root, 'examples')).filter((name) => name.endsWith('.ipynb')))(
  'nbclient executes examples/%s from its first cell to its last',
  async (name) => {
    expect((await execute(name)).length).toBeGreaterThan(5)
  },
  LIMIT,
)

test(
  'the TypeScript example shows what its text says',
  async () => {
    const outputs = (await execute('typescript.ipynb')).flatMap((cell) => cell.outputs)
    const text = JSON.stringify(outputs)
    for (const shown of [
      'depth: 10 m',
      'add(2, 3)',
      'close a file',
      'FAR',
      'step 2, done',
      'text/latex',
    ])
      expect(text).toContain(shown)
    expect(text).not.toContain('step 1')
    expect(outputs.filter((output) => output.output_type === 'error')).toEqual([])
  },
  LIMIT,
)

test(
  'the posts of the live example show their last state',
  async () => {
    const before = (await readInbox(relay)).length
    await execute('live-and-progress.ipynb')
    const posts = (await readInbox(relay)).slice(before)
    expect(posts.map((post) => JSON.stringify(post.blocks))).toEqual([
      expect.stringContaining('epoch 3 of 3'),
      expect.stringContaining('All figures are in the notebook'),
      expect.stringMatching(/small-net.*100 % · 40\/40.*\*\*done\*\*.*loss 0.025 · rate 0.01/),
      expect.stringMatching(/large-net.*20 % · 2\/10.*\*\*failed\*\*.*loss NaN.*RangeError/),
      expect.stringMatching(/Counting words.*counted alpha.*gamma.*words: 3/),
      expect.stringContaining('posted without a magic of its own'),
    ])
    expect(posts[1]?.thread).toBe(posts[0]?.thread)
  },
  LIMIT,
)

test(
  'the posts of the first example are in the inbox, delivered',
  async () => {
    const before = (await readInbox(relay)).length
    await execute('first-post.ipynb')
    const posts = (await readInbox(relay)).slice(before)
    expect(posts.map((post) => post.blocks.map((block) => block.type).join(' '))).toEqual([
      'message',
      'message',
      expect.stringMatching(/text/),
      expect.stringMatching(/latex/),
      expect.stringMatching(/markdown/),
      expect.stringMatching(/image/),
      expect.stringMatching(/text.*error/),
      'message',
    ])
  },
  LIMIT,
)
