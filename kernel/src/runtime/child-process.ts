// One runtime process: spawned in its own process group, its streams and messages merged into
// one order, its death explained. Knows no cells.
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { Socket } from 'node:net'
import { setImmediate } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { explainDeath } from './death.ts'
import { LastWords, ranOutOfMemory } from './last-words.ts'
import { FrameReader, encodeFrame } from './link.ts'
import type { FromChild, FromWorker, ToChild, ToWorker } from './link.ts'
import { OutputMerge } from './output-merge.ts'
import type { MergeSink } from './output-merge.ts'

const extension = import.meta.url.slice(import.meta.url.lastIndexOf('.'))
const MAIN = fileURLToPath(new URL(`./child/main${extension}`, import.meta.url))
const REPORTER = new URL(`./child/test-reporter${extension}`, import.meta.url).href
/** Heap flags in the kernelspec's argv: they are meant for the cells, not for this process. */
const HEAP_LIMIT = /^--max[-_](?:old[-_]space|heap)[-_]size[-_=]/
/**
 * V8 uses only 1 MB of the stack, however large it is: too little for a chain of 5,000 calls.
 * With this flag it uses half of the usual 8 MB.
 */
const STACK_FLAG = '--stack-size=3900'
const STACK = 8 * 1024 * 1024

/** None where the stack is smaller or its size is unknown: V8 would run over its end. */
function stackFlags(): string[] {
  let limits
  try {
    limits = readFileSync('/proc/self/limits', 'utf8')
  } catch {
    // Not Linux.
    return []
  }
  const [, soft] = /^Max stack size +(\w+)/m.exec(limits) ?? []
  return soft === 'unlimited' || Number(soft) >= STACK ? [STACK_FLAG] : []
}

/** Characters kept from the end of stderr, which may tell why the process died. */
const LAST_WORDS = 4000
/**
 * ms to wait for the streams to end once the process has: a detached grandchild may hold them
 * open. Reading what is in them takes less.
 */
const DRAIN = 100

export interface ProcessSink extends MergeSink {
  /** A message that has no place in the order of outputs. */
  reply(message: Exclude<FromChild, { seq: number }>): void
  /** Called after everything the process wrote; `reason` is a sentence for the person. */
  died(reason: string): void
}

export class RuntimeProcess {
  readonly #child: ChildProcess
  readonly #link: Socket
  readonly #control: Socket
  /** fd 1, 2 and 5. */
  readonly #written: readonly Socket[]
  readonly #sink: ProcessSink
  readonly #merge: OutputMerge
  readonly #stderr: LastWords
  #lastWords = ''
  #exitCode: number | undefined
  #heapLimit = 0
  #asyncHooks = false
  #stuck = false
  /** Why we gave the process up. */
  #verdict: string | undefined
  #isOver = false
  readonly #ended: Promise<void>

  constructor(cwd: string, sink: ProcessSink) {
    const nonce = randomBytes(8).toString('hex')
    this.#sink = sink
    this.#merge = new OutputMerge(nonce, sink)
    this.#stderr = new LastWords(nonce, (chunk) => this.#merge.bytes('stderr', chunk))
    // Without this flag an interrupted timer loop aborts the process
    // ("async hook stack has become corrupted").
    const flags = [
      '--no-force-async-hooks-checks',
      '--disable-warning=ExperimentalWarning',
      // The kernel's own code in the runtime lives in a realm of its own, made of modules.
      '--experimental-vm-modules',
      ...stackFlags(),
      ...process.execArgv.filter((flag) => HEAP_LIMIT.test(flag)),
      ...testReporter(process.env),
    ]
    this.#child = spawn(process.execPath, [...flags, MAIN, nonce], {
      cwd,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe', 'pipe', 'pipe', 'pipe'],
    })
    const stdout = pipeOf(this.#child, 1)
    const stderr = pipeOf(this.#child, 2)
    const link = pipeOf(this.#child, 3)
    const control = pipeOf(this.#child, 4)
    const back = pipeOf(this.#child, 5)
    this.#link = link
    this.#control = control
    this.#written = [stdout, stderr, back]
    stdout.on('data', (chunk: Buffer) => this.#merge.bytes('stdout', chunk))
    stderr.on('data', (chunk: Buffer) => {
      this.#lastWords = (this.#lastWords + chunk.toString('latin1')).slice(-LAST_WORDS)
      this.#stderr.push(chunk)
    })
    stdout.on('end', () => this.#merge.finish('stdout'))
    const messages = new FrameReader<FromChild>((message) => this.#receive(message), nonce)
    back.on('data', (chunk: Buffer) => messages.push(chunk))
    const workerMessages = new FrameReader<FromWorker>((message) => {
      this.#stuck = true
      this.#asyncHooks ||= message.asyncHooks
    })
    control.on('data', (chunk: Buffer) => workerMessages.push(chunk))
    // Writing to a process that just died fails; `exit` reports its death.
    for (const stream of [link, control]) stream.on('error', () => undefined)
    this.#ended = this.#untilEnded(cwd)
  }

  /** False if the system refused; `died` says why. */
  get isSpawned(): boolean {
    return this.#child.pid !== undefined
  }

  send(message: ToChild): void {
    this.#link.write(encodeFrame(message))
  }

  sendToWorker(message: ToWorker): void {
    this.#control.write(encodeFrame(message))
  }

  /** Stops reading what the process writes: once the pipes are full, its next write waits. */
  hold(on: boolean): void {
    if (this.#isOver) return
    for (const stream of this.#written) {
      if (on) stream.pause()
      else stream.resume()
    }
  }

  /** Ends a process that does not answer. @param verdict - A sentence for the person. */
  giveUp(verdict: string): void {
    if (this.#isOver) return
    this.#verdict ??= verdict
    this.#killGroup()
  }

  /** Ends the process and what it started; resolves when it is gone. */
  async kill(): Promise<void> {
    this.#killGroup()
    await this.#ended
  }

  #receive(message: FromChild): void {
    if ('seq' in message) return this.#merge.message(message)
    if (message.type === 'ready') this.#heapLimit = message.heapLimit
    if (message.type === 'exit') this.#exitCode = message.code
    this.#sink.reply(message)
  }

  async #untilEnded(cwd: string): Promise<void> {
    const child = this.#child
    const exit = Promise.withResolvers<{ code: number | null; signal: NodeJS.Signals | null }>()
    const closed = Promise.withResolvers<void>()
    child.once('error', (error) => {
      this.#lastWords = existsSync(cwd) ? error.message : `the folder ${cwd} is gone`
      exit.resolve({ code: null, signal: null })
      closed.resolve()
    })
    child.once('exit', (code, signal) => exit.resolve({ code, signal }))
    child.once('close', () => closed.resolve())
    const { code, signal } = await exit.promise
    this.#killGroup()
    this.hold(false)
    this.#isOver = true
    const timer = setTimeout(closed.resolve, DRAIN)
    await closed.promise
    clearTimeout(timer)
    // If this process had no time until now, it reads first.
    await setImmediate()
    for (const stream of child.stdio) stream?.destroy()
    this.#merge.finish('link')
    this.#merge.finish('stdout')
    this.#stderr.end(this.#exitCode === undefined && ranOutOfMemory(this.#lastWords))
    this.#merge.finish('stderr')
    const exitCode = this.#exitCode
    const lastWords = this.#lastWords
    const heapLimit = this.#heapLimit
    const asyncHooks = this.#asyncHooks
    const stuck = this.#stuck
    this.#sink.died(
      this.#verdict ??
        explainDeath({ code, signal, exitCode, lastWords, heapLimit, asyncHooks, stuck }),
    )
  }

  #killGroup(): void {
    const { pid } = this.#child
    if (pid === undefined) return
    try {
      process.kill(-pid, 'SIGKILL')
    } catch (error) {
      // ESRCH: the whole group is gone already.
      if (!Error.isError(error) || !('code' in error) || error.code !== 'ESRCH') throw error
    }
  }
}

/** Our reporter for `node:test` in a cell, unless the person chose one. */
function testReporter({ NODE_OPTIONS = '' }: NodeJS.ProcessEnv): string[] {
  return NODE_OPTIONS.includes('--test-reporter') ? [] : [`--test-reporter=${REPORTER}`]
}

/** Node makes each pipe a socket, whatever the types of its directions say. */
function pipeOf(child: ChildProcess, fd: 1 | 2 | 3 | 4 | 5): Socket {
  const pipe = (child.stdio as readonly unknown[])[fd]
  if (pipe instanceof Socket) return pipe
  throw new Error(`spawned without a pipe at fd ${fd}`)
}
