// Runs conversions in a process of its own, one at a time. A process, not a thread: the libraries are native code, which a thread
// cannot be stopped in, and one that crashes takes its process along. The relay only ever sees an outcome.
import { fork } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'

import { HEAP_MB, JOB_MS, PROCESS_MB } from './jobs.ts'
import type { Answer, Job, Outcome } from './jobs.ts'

/** How often the memory of a working process is looked at. */
const WATCH_MS = 50
/** A process without work ends after this. */
const IDLE_MS = 60_000
const PAGE_BYTES = 4096

export interface ConverterOptions {
  /** Milliseconds a job may take; 10 s unless given. */
  jobMs?: number
  idleMs?: number
}

export interface Conversions {
  /** Never throws for what the job does; a job that hangs, crashes or eats memory is `refused`. */
  run(job: Job, signal: AbortSignal): Promise<Outcome>
}

export class Converter implements Conversions {
  readonly #jobMs: number
  readonly #idleMs: number
  #last: Promise<unknown> = Promise.resolve()
  #child: ChildProcess | undefined
  #idle: NodeJS.Timeout | undefined
  #count = 0
  #closed = false

  constructor({ jobMs = JOB_MS, idleMs = IDLE_MS }: ConverterOptions = {}) {
    this.#jobMs = jobMs
    this.#idleMs = idleMs
  }

  /** Of the running process, for tests and for people who look at `ps`. */
  get pid(): number | undefined {
    return this.#child?.pid
  }

  async run(job: Job, signal: AbortSignal): Promise<Outcome> {
    const turn = this.#last.then(async () => this.#run(job, signal))
    this.#last = turn
    return turn
  }

  /** Kills the process; jobs that wait are refused. */
  async close(): Promise<void> {
    this.#closed = true
    this.#end()
    await this.#last
  }

  async #run(job: Job, signal: AbortSignal): Promise<Outcome> {
    if (this.#closed || signal.aborted) return { kind: 'refused', why: 'the relay is closing' }
    clearTimeout(this.#idle)
    const outcome = await this.#ask((this.#child ??= this.#start()), job, signal)
    this.#idle = setTimeout(() => this.#end(), this.#idleMs)
    this.#idle.unref()
    return outcome
  }

  #ask(child: ChildProcess, job: Job, signal: AbortSignal): Promise<Outcome> {
    const n = ++this.#count
    return new Promise((resolve) => {
      const finish = (outcome: Outcome) => {
        clearTimeout(timer)
        clearInterval(watch)
        child.off('message', answered).off('exit', ended).off('error', ended)
        signal.removeEventListener('abort', stopped)
        resolve(outcome)
      }
      const abandon = (why: string) => {
        this.#end()
        finish({ kind: 'refused', why })
      }
      const answered = (answer: Answer) => {
        if (answer.n === n) finish(answer.outcome)
      }
      const ended = () => abandon('drawing it ended the converter, likely for want of memory')
      const stopped = () => abandon('the relay is closing')
      signal.addEventListener('abort', stopped, { once: true })
      const timer = setTimeout(
        () => abandon(`it took longer than ${this.#jobMs / 1000} s`),
        this.#jobMs,
      )
      const watch = setInterval(() => {
        if (megabytesOf(child.pid) > PROCESS_MB) abandon(`it took more than ${PROCESS_MB} MB`)
      }, WATCH_MS)
      child.on('message', answered).once('exit', ended).once('error', ended)
      // A process that is gone already has told so by `exit`; its broken channel adds nothing.
      child.send({ n, job }, (error) => error && ended())
    })
  }

  #start(): ChildProcess {
    const child = fork(programPath(), {
      // Nothing of the relay's environment: tokens are in it.
      env: pick(process.env, ['LD_LIBRARY_PATH', 'DYLD_LIBRARY_PATH', 'SystemRoot']),
      execArgv: [
        `--max-old-space-size=${HEAP_MB}`,
        '--permission',
        '--allow-addons',
        '--allow-worker',
        '--allow-fs-read=*',
        '--disable-warning=ExperimentalWarning',
      ],
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    })
    child.once('exit', () => {
      if (this.#child === child) this.#child = undefined
    })
    // A process that cannot be started also says so to the job that waits for it.
    child.on('error', () => this.#end())
    child.unref()
    child.channel?.unref()
    return child
  }

  #end(): void {
    this.#child?.kill('SIGKILL')
    this.#child = undefined
  }
}

/** Beside this file, as TypeScript in a clone and as JavaScript in the package. */
function programPath(): string {
  const extension = extname(fileURLToPath(import.meta.url))
  return fileURLToPath(new URL(`child/main${extension}`, import.meta.url))
}

function pick(env: NodeJS.ProcessEnv, names: readonly string[]): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => names.includes(name)))
}

/** Resident memory in MiB; 0 where the system does not tell (only Linux does), where the heap limit is what remains. */
function megabytesOf(pid: number | undefined): number {
  if (pid === undefined || process.platform !== 'linux') return 0
  try {
    const pages = readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1]
    return (Number(pages) * PAGE_BYTES) / 1024 / 1024
  } catch {
    return 0 // ENOENT, ESRCH: it has just ended, which `exit` tells
  }
}
