// `npm start` as a newcomer runs it, with separate folders for home and state.
import { spawn } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { z } from 'zod'
import { copyExamples } from '../start/examples.ts'
import { RelayFile } from '../post/relay/relay-file.ts'
import { root } from './helpers/clone.ts'
import { finish } from './helpers/program.ts'
import { pythonVenv } from './setup/python.ts'

const LIMIT = 180_000
let home: string
let env: NodeJS.ProcessEnv

beforeEach(async () => {
  await pythonVenv('jupyter')
  home = mkdtempSync(join(tmpdir(), 'jupyterpost-start-'))
  env = {
    // A person's shell: npm complains on stderr about settings from outside that it does not know.
    ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^npm_/i.test(name))),
    HOME: home,
    npm_config_cache: join(home, 'state/npm'),
    npm_config_update_notifier: 'false',
    JUPYTERPOST_START_STATE: join(home, 'state'),
    // A person's settings for another Jupyter must not lead out of the clone.
    JUPYTER_DATA_DIR: join(home, 'elsewhere/data'),
    JUPYTER_CONFIG_DIR: join(home, 'elsewhere/config'),
  }
}, LIMIT)

afterEach(() => rmSync(home, { recursive: true, force: true }))

const strangers = () => readdirSync(home).filter((name) => name !== 'state')

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    // ESRCH: it has ended.
    return false
  }
}

test(
  'the demo prints the posts that the example notebook sent, and leaves the home folder as it was',
  async () => {
    const before = await changedFiles()
    const { code, stdout, stderr } = await finish('sh', ['-c', 'npm start -- --demo'], {
      env,
      cwd: root,
    })
    expect({ code, stderr, stdout }).toEqual({ code: 0, stderr: '', stdout: expect.any(String) })
    expect(await changedFiles()).toBe(before)
    for (const shown of [
      'Computation done!',
      'Accuracy is 97.3 %',
      'epoch 3: loss 0.333',
      String.raw`\sqrt{\pi}`,
      '| **ours** | **97.3 %** |',
      'png 420 x 200',
      '[error] RangeError: step 42: loss is NaN',
    ])
      expect(stdout).toContain(shown)
    expect(stdout).not.toContain('queued')
    expect(strangers()).toEqual([])
  },
  LIMIT,
)

/** `npm start` in a terminal of its own: a process group that Ctrl-C reaches as a whole. */
async function start() {
  const child = spawn('npm', ['start'], {
    env,
    cwd: root,
    detached: true,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve))
  const lines: string[] = []
  for await (const line of createInterface(child.stdout)) {
    lines.push(line)
    if (line.includes('Ctrl-C')) break
  }
  const addresses = lines.flatMap((line) => /^(?:JupyterLab|Inbox):\s+(\S+)/.exec(line)?.[1] ?? [])
  const signal = (name: NodeJS.Signals) => process.kill(-(child.pid ?? NaN), name)
  return { lines, addresses, ended, signal, pids: runningPids(join(home, 'state/jupyter/runtime')) }
}

test(
  'npm start shows both addresses, and Ctrl-C ends both programs',
  async () => {
    const { addresses, pids, signal, ended } = await start()
    expect(addresses).toHaveLength(2)
    for (const address of addresses) expect((await fetch(address)).status).toBe(200)
    expect(pids.filter(isAlive)).toHaveLength(2)
    signal('SIGINT')
    expect(await ended).toBe(0)
    expect(pids.filter(isAlive)).toEqual([])
    expect(strangers()).toEqual([])
    expect(existsSync(join(home, 'state/notebooks/first-post.ipynb'))).toBe(true)
  },
  LIMIT,
)

test(
  'what an npm start that was killed left running is ended by the next one',
  async () => {
    const killed = await start()
    killed.signal('SIGKILL')
    await killed.ended
    expect(killed.pids.filter(isAlive)).toHaveLength(2)
    const next = await start()
    for (const pid of killed.pids)
      expect(next.lines).toContainEqual(expect.stringContaining(`(process ${pid}), left running`))
    expect(killed.pids.filter(isAlive)).toEqual([])
    expect(next.pids.filter(isAlive)).toHaveLength(2)
    next.signal('SIGINT')
    expect(await next.ended).toBe(0)
    expect(readdirSync(join(home, 'state/started'))).toEqual([])
  },
  LIMIT,
)

/** Pids of the Jupyter server and of the relay, from the files by which they are found. */
function runningPids(runtime: string): number[] {
  const read = (name: string): unknown => JSON.parse(readFileSync(join(runtime, name), 'utf8'))
  const server = readdirSync(runtime).find((name) => /^jpserver-\d+\.json$/.test(name))
  return [
    z.looseObject({ pid: z.int() }).parse(read(server ?? 'jpserver')).pid,
    RelayFile.parse(read('relay.json')).pid,
  ]
}

/** Tracked files that differ from the last commit. */
const changedFiles = async () =>
  (await finish('git', ['status', '--porcelain', '--untracked-files=no'], { env, cwd: root }))
    .stdout

test('what notebooks of the clone install changes none of its tracked files', async () => {
  const before = await changedFiles()
  const state = mkdtempSync(join(mkFolder(join(root, '.state')), 'test-'))
  try {
    copyExamples(join(state, 'notebooks'))
    for (const folder of [join(state, 'notebooks'), join(root, 'examples')]) {
      const { stdout } = await finish('npm', ['prefix'], { env, cwd: folder })
      expect(stdout.trim()).toBe(folder)
    }
    const given = mkFolder(join(state, 'given'))
    writeFileSync(join(given, 'package.json'), '{ "name": "given", "version": "1.0.0" }')
    const { code, stderr } = await finish('npm', ['install', '--offline', given], {
      env,
      cwd: join(state, 'notebooks'),
    })
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(readFileSync(join(state, 'notebooks/package.json'), 'utf8')).toContain('"given"')
    expect(await changedFiles()).toBe(before)
  } finally {
    rmSync(state, { recursive: true, force: true })
  }
  const { stdout } = await finish('git', ['check-ignore', 'examples/package.json'], {
    env,
    cwd: root,
  })
  expect(stdout).toBe('examples/package.json\n')
})

function mkFolder(path: string): string {
  mkdirSync(path, { recursive: true })
  return path
}

test('an unknown word is answered with the usage', async () => {
  const { code, stderr } = await finish(process.execPath, [join(root, 'start/main.ts'), '--dmo'], {
    env,
    cwd: root,
  })
  expect(code).toBe(2)
  expect(stderr).toContain('--dmo')
  expect(stderr).toContain('npm start -- --demo')
})
