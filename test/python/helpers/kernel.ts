// A real ipykernel and a real local relay for one test: each has its own folder and ends with the
// test.
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { z } from 'zod'
import { until } from '../../helpers/until.ts'
import { getFeed } from '../../../post/relay/client.ts'
import type { Relay } from '../../../post/relay/http.ts'
import { findLocalRelay } from '../../../post/relay/local-relay.ts'
import type { ReadPost } from '../../../post/contract/schema.ts'
import { pythonVenv } from '../../setup/python.ts'

const root = join(import.meta.dirname, '../../..')
const START_MS = 30_000

const Answer = z.looseObject({
  reply: z.looseObject({ status: z.string(), ename: z.string().optional() }),
  outputs: z.array(
    z.looseObject({ type: z.string(), data: z.record(z.string(), z.unknown()).optional() }),
  ),
})
export type Answer = z.infer<typeof Answer>

export class PythonSite {
  readonly folder = mkdtempSync(join(tmpdir(), 'jupyterpost-python-'))
  readonly env: NodeJS.ProcessEnv
  #kernel: ChildProcess | undefined
  #answers: AsyncIterator<string> | undefined
  #relayProcess: ChildProcess | undefined

  constructor() {
    const own = (name: string) => join(this.folder, name)
    const kept = Object.entries(process.env).filter(
      ([name]) => !/^(?:JUPYTER|JPY_|XDG_)/.test(name),
    )
    this.env = {
      ...Object.fromEntries(kept),
      HOME: this.folder,
      IPYTHONDIR: own('ipython'),
      JUPYTER_RUNTIME_DIR: own('runtime'),
      JUPYTERPOST_URL: 'local',
      JPY_SESSION_NAME: 'work/train.ipynb',
      PYTHONDONTWRITEBYTECODE: '1',
      PYTHONPATH: join(root, 'python'),
      XDG_STATE_HOME: own('state'),
    }
    mkdirSync(own('runtime'))
  }

  /** With relay and kernel, in which this cell has run. */
  static async start(cell: string): Promise<PythonSite> {
    const site = new PythonSite()
    await site.startRelay()
    await site.startKernel()
    await site.run(cell)
    return site
  }

  /** @param program - Another program than `jupyterpost relay`, with its arguments. */
  async startRelay(program = ['cli/main.ts', 'relay', '--mode', 'local']): Promise<Relay> {
    const [file = '', ...args] = program
    const command = [join(root, file), ...args]
    this.#relayProcess = spawn(process.execPath, command, { env: this.env, stdio: 'ignore' })
    return until(() => findLocalRelay(this.env), 'the local relay runs', { limit: START_MS })
  }

  async stopRelay(): Promise<void> {
    await ended(this.#relayProcess)
    this.#relayProcess = undefined
  }

  /** Texts and files of the inbox, oldest first. */
  async posts(): Promise<ReadPost[]> {
    const relay = await findLocalRelay(this.env)
    if (relay === undefined) throw new Error('No relay runs')
    return (await getFeed(relay, { limit: 100 })).posts
  }

  async startKernel(env: NodeJS.ProcessEnv = {}): Promise<void> {
    const python = join(await pythonVenv('jupyter'), 'bin/python')
    const child = spawn(python, [join(import.meta.dirname, 'kernel_driver.py')], {
      cwd: this.folder,
      env: { ...this.env, ...env },
      stdio: ['pipe', 'pipe', 'ignore'],
    })
    this.#kernel = child
    this.#answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  }

  /** Runs a cell. @param interruptAt - Text on stdout at which it is interrupted. */
  async run(code: string, interruptAt?: string): Promise<Answer> {
    return Answer.parse(await this.#ask({ code, interrupt_at: interruptAt }))
  }

  /** Starts a cell, whose answer nobody waits for. */
  async begin(code: string): Promise<void> {
    await this.#ask({ begin: code })
  }

  /** As the button of the notebook. */
  async restart(): Promise<void> {
    await this.#ask({ restart: true })
  }

  /** The process of the kernel. */
  async pid(): Promise<number> {
    return z.object({ pid: z.int() }).parse(await this.#ask({ pid: true })).pid
  }

  async complete(text: string): Promise<string[]> {
    const answer = await this.#ask({ complete: text })
    return z.looseObject({ matches: z.array(z.string()) }).parse(answer).matches
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // The driver ends its kernel when its input ends.
    this.#kernel?.stdin?.end()
    if (this.#kernel !== undefined && this.#kernel.exitCode === null)
      await once(this.#kernel, 'exit')
    await this.stopRelay()
    rmSync(this.folder, { recursive: true, force: true })
  }

  async #ask(request: object): Promise<unknown> {
    this.#kernel?.stdin?.write(`${JSON.stringify(request)}\n`)
    const next = await this.#answers?.next()
    if (next === undefined || next.done === true) throw new Error('The kernel is gone')
    return JSON.parse(next.value)
  }
}

async function ended(child: ChildProcess | undefined): Promise<void> {
  if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
  child.kill('SIGTERM')
  await once(child, 'exit')
}
