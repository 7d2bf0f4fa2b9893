// Whatever anybody sends, the relay lives, answers others in time, and loses nothing that it
// accepted. The relay is a process with 400 MB of heap, the chat and the sender are two more; this
// one only asks `/health`, so that what it measures is the relay.
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { setPriority, userInfo } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout } from 'node:timers/promises'
import { expect, test } from '@jest/globals'
import { z } from 'zod'

import { RelayFile } from '../../../post/relay/relay-file.ts'
import { temporaryFolder } from '../helpers/relay.ts'

const POSTS = Number(process.env.JUPYTERPOST_FUZZ ?? 250)
const SEED = Number(process.env.JUPYTERPOST_FUZZ_SEED ?? 1)
const HEAP_MB = 400
const PROBE_MS = 20
const MOST_MS = 250

const root = join(import.meta.dirname, '../../..')
const StandIn = z.object({ url: z.string(), token: z.string(), team: z.string() })
const Counts = z.object({
  counts: z.object({
    accepted: z.number(),
    refused: z.number(),
    delivered: z.number(),
    dead: z.number(),
  }),
})

function started(args: string[], env: NodeJS.ProcessEnv): ChildProcess & AsyncDisposable {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', ...args], {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const exited = once(child, 'exit')
  return Object.assign(child, {
    async [Symbol.asyncDispose]() {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL')
      await exited
    },
  })
}

/** In real life it runs on another machine: it must not take processors from the relay. */
function beside<T extends ChildProcess>(child: T): T {
  if (child.pid !== undefined) setPriority(child.pid, 19)
  return child
}

async function* linesOf({ stdout }: ChildProcess): AsyncGenerator<string> {
  if (stdout) yield* createInterface(stdout)
}

async function firstLine(child: ChildProcess): Promise<string> {
  if (!child.stdout) throw new Error('It has no stdout')
  const lines = createInterface(child.stdout)
  return new Promise((resolve, reject) => {
    lines.once('line', resolve).once('close', () => reject(new Error('It ended without a word')))
  })
}

/**
 * Asks `/health` again and again.
 *
 * @returns the slowest answer in ms, without what either process waited for a processor, and what
 *   was no answer.
 */
async function probed(url: string, relay: ChildProcess, until: Promise<unknown>) {
  let [slowest, asked] = [0, 0]
  const ended = new AbortController()
  const failures: string[] = []
  const over = until.finally(() => ended.abort())
  while (!ended.signal.aborted) {
    const [start, waited] = [performance.now(), processorWait(process.pid, relay.pid)]
    try {
      const answer = await fetch(new URL('health', url))
      await answer.text()
      if (answer.status !== 200) failures.push(String(answer.status))
    } catch (error) {
      failures.push(String(error))
    }
    const waitedMs = processorWait(process.pid, relay.pid) - waited
    slowest = Math.max(slowest, performance.now() - start - waitedMs)
    asked += 1
    await setTimeout(PROBE_MS)
  }
  await over
  return { slowest, asked, failures }
}

/**
 * How long the main threads of processes were ready to run while others had the processors, in ms:
 * what a busy machine adds to an answer. 0 where the system does not tell.
 */
function processorWait(...pids: (number | undefined)[]): number {
  if (process.platform !== 'linux') return 0
  return pids
    .map((pid) => readFileSync(`/proc/${pid}/schedstat`, 'utf8').split(' ')[1])
    .reduce((sum, nanoseconds) => sum + Number(nanoseconds) / 1e6, 0)
}

test(
  'crafted and random posts: the relay lives, answers in time and loses nothing',
  async () => {
    using folder = temporaryFolder()
    const config = join(folder.path, 'config.json')
    const quota = {
      postsPerMinute: 1e6,
      textPerHour: 1e12,
      bytesPerHour: 1e12,
      directPerDay: 1e6,
    }
    writeFileSync(config, JSON.stringify({ quota }))
    const helpers = join(import.meta.dirname, '../helpers/mattermost.ts')
    await using chat = beside(started([helpers, '0', userInfo().username], folder.env))
    const { url: chatUrl, token: bot, team } = StandIn.parse(JSON.parse(await firstLine(chat)))
    await using relay = started(
      [`--max-old-space-size=${HEAP_MB}`, join(root, 'dist/service/main.js'), '--mode', 'local'],
      {
        ...folder.env,
        MATTERMOST_URL: chatUrl,
        MATTERMOST_TOKEN: bot,
        MATTERMOST_TEAM: team,
        JUPYTERPOST_CONFIG: config,
      },
    )
    await firstLine(relay)
    const { url, token } = RelayFile.parse(
      JSON.parse(readFileSync(join(folder.path, 'runtime', 'relay.json'), 'utf8')),
    )
    // It has started once it answers; the first answer of a process compiles what it needs.
    await (await fetch(new URL('health', url))).text()
    await using sender = beside(
      started(
        [join(import.meta.dirname, 'fixtures/sender.ts'), url, token, String(POSTS), String(SEED)],
        folder.env,
      ),
    )
    const said: string[] = []
    const sending = (async () => {
      for await (const line of linesOf(sender)) said.push(line)
    })()
    const { slowest, asked, failures } = await probed(url, relay, sending)
    const wrong = said.filter((line) => line.startsWith('{"wrong"'))
    expect({ wrong, failures, exit: relay.exitCode ?? relay.signalCode }).toEqual({
      wrong: [],
      failures: [],
      exit: null,
    })
    const { counts } = Counts.parse(JSON.parse(said.at(-1) ?? '{}'))
    expect(counts.accepted).toBeGreaterThan(POSTS / 2)
    expect(counts.delivered + counts.dead).toBe(counts.accepted)
    expect(asked).toBeGreaterThan(10)
    expect(slowest).toBeLessThan(MOST_MS)
  },
  10 * 60_000 + POSTS * 1000,
)
