// Runs conversions in other processes, one at a time. One process draws and another decodes
// bitmaps, so that native code never gets an SVG. They are not threads, because a thread in native
// code cannot be stopped, and if it crashes, so does its whole process. The relay only gets the
// outcome.
import type { ChildProcess } from 'node:child_process'
import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'

import { FairQueue } from './fair-queue.ts'
import type { Account } from './fair-queue.ts'
import { findConfinement, isReady, startConfined } from './confinement.ts'
import type { Confinement, Guard, ProcessKind } from './confinement.ts'
import { JOB_MS, PROCESS_MB } from './jobs.ts'
import type { Answer, Job, Outcome } from './jobs.ts'
import { jobOf } from './order.ts'
import type { Order } from './order.ts'
import { megabytesOf, processorMsOf } from './process-usage.ts'
import { limitTime } from './time-limit.ts'

/** How often to measure the memory of a process that works. */
const MEASURE_MS = 50
/** A process without work ends after this. */
const IDLE_MS = 60_000
/** A process that still has more after its job is ended: the next job needs the memory. */
const KEPT_MB = PROCESS_MB / 2

const KINDS = {
  drawing: { program: programPath('drawing'), addons: false },
  bitmaps: { program: programPath('bitmaps'), addons: true },
} satisfies Record<string, ProcessKind>
type KindName = keyof typeof KINDS

export interface ConverterOptions {
  /** How long a job may take: processor time on Linux, elsewhere by the clock; 10 s if unset. */
  jobMs?: number
  idleMs?: number
  /** Called once, when it is known how the processes are confined. */
  onConfined?: (guard: Guard) => void
}

export interface Conversions {
  /**
   * Never throws because of the job: one that hangs, crashes or needs much memory is `refused`.
   * Jobs of people who used less time go first.
   */
  run(job: Order, signal: AbortSignal, account: Account): Promise<Outcome>
}

export class Converter implements Conversions {
  readonly #jobMs: number
  readonly #idleMs: number
  readonly #onConfined: (guard: Guard) => void
  readonly #children = new Map<KindName, ChildProcess>()
  readonly #closed = new AbortController()
  readonly #queue = new FairQueue()
  readonly #under = new Set<Promise<unknown>>()
  #confinement: Promise<Confinement> | undefined
  #idle: NodeJS.Timeout | undefined
  #count = 0

  constructor(options: ConverterOptions = {}) {
    this.#jobMs = options.jobMs ?? JOB_MS
    this.#idleMs = options.idleMs ?? IDLE_MS
    this.#onConfined = options.onConfined ?? (() => undefined)
  }

  /** Pid of the process that draws, if it is running; for tests. */
  get pid(): number | undefined {
    return this.#children.get('drawing')?.pid
  }

  /** How the processes are confined. The first call finds out, which takes two starts of Node. */
  confinement(): Promise<Confinement> {
    return (this.#confinement ??= this.#confine())
  }

  async run(job: Order, signal: AbortSignal, account: Account): Promise<Outcome> {
    const done = this.#queue.run(account, () => this.#run(job, signal))
    this.#under.add(done)
    try {
      return await done
    } finally {
      this.#under.delete(done)
    }
  }

  /** Kills the processes. Jobs that wait are refused. */
  async close(): Promise<void> {
    this.#closed.abort()
    this.#end()
    await Promise.all([...this.#under, this.#confinement])
  }

  async #run(order: Order, signal: AbortSignal): Promise<Outcome> {
    const job = await jobOf(order)
    const kind = job.kind === 'still' ? 'bitmaps' : 'drawing'
    const stopped = AbortSignal.any([this.#closed.signal, signal])
    const confinement = await this.confinement()
    clearTimeout(this.#idle)
    const child = this.#children.get(kind) ?? (await this.#start(kind, confinement, stopped))
    if (stopped.aborted) return { kind: 'refused', why: 'the relay is closing' }
    if (!child) return { kind: 'refused', why: 'the process that draws could not be started' }
    const outcome = await this.#ask(kind, child, job, signal)
    if (megabytesOf(child.pid) > KEPT_MB) this.#end(kind)
    this.#idle = setTimeout(() => this.#end(), this.#idleMs)
    this.#idle.unref()
    return outcome
  }

  async #confine(): Promise<Confinement> {
    const { signal } = this.#closed
    const found = await findConfinement(Object.values(KINDS), signal)
    if (!signal.aborted) this.#onConfined(found.guard)
    return found
  }

  #ask(kind: KindName, child: ChildProcess, job: Job, signal: AbortSignal): Promise<Outcome> {
    const n = ++this.#count
    return new Promise((resolve) => {
      const finish = (outcome: Outcome) => {
        endLimit()
        clearInterval(measuring)
        child.off('message', answered).off('exit', ended).off('error', ended)
        signal.removeEventListener('abort', stopped)
        resolve(outcome)
      }
      const abandon = (why: string) => {
        this.#end(kind)
        finish({ kind: 'refused', why })
      }
      const answered = (answer: Answer | 'ready') => {
        if (answer === 'ready' || answer.n !== n) return
        if (answer.isBroken) this.#end(kind)
        finish(answer.outcome)
      }
      const ended = () => abandon('the process that drew it crashed, probably for lack of memory')
      const stopped = () => abandon('the relay is closing')
      signal.addEventListener('abort', stopped, { once: true })
      const endLimit = limitTime(
        () => processorMsOf(child.pid),
        this.#jobMs,
        () => abandon(`it took longer than ${this.#jobMs / 1000} s`),
      )
      const measuring = setInterval(() => {
        if (megabytesOf(child.pid) > PROCESS_MB) abandon(`it took more than ${PROCESS_MB} MB`)
      }, MEASURE_MS)
      child.on('message', answered).once('exit', ended).once('error', ended)
      // If the process has just ended, `send` fails too. Whichever is noticed first counts.
      child.send({ n, job }, (error) => error && ended())
    })
  }

  /** Undefined if the system cannot create it. The time of a job begins when its process runs. */
  async #start(
    kind: KindName,
    confinement: Confinement,
    signal: AbortSignal,
  ): Promise<ChildProcess | undefined> {
    if (signal.aborted) return undefined
    let child: ChildProcess
    try {
      child = startConfined(KINDS[kind], confinement)
    } catch {
      return undefined // EAGAIN, ENOMEM
    }
    this.#children.set(kind, child)
    child.once('exit', () => {
      if (this.#children.get(kind) === child) this.#children.delete(kind)
    })
    child.unref()
    if (await isReady(child, signal)) {
      child.channel?.unref()
      return child
    }
    this.#end(kind)
    return undefined
  }

  /** Kills the process of one kind, or all. */
  #end(kind?: KindName): void {
    for (const [name, child] of this.#children) {
      if (kind !== undefined && name !== kind) continue
      this.#children.delete(name)
      child.kill('SIGKILL')
    }
  }
}

/** It lies near this file, as TypeScript in a clone and as JavaScript in the package. */
function programPath(name: string): string {
  const extension = extname(fileURLToPath(import.meta.url))
  return fileURLToPath(new URL(`child/${name}${extension}`, import.meta.url))
}
