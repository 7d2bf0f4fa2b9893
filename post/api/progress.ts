// `post.progress()`: one message that tells how far something is, edited at most every 5 s. A tick
// is cheap and never waits. The states go to a sink: the relay over HTTP, or the kernel process,
// which writes the last state even if the cell fails.
import { randomUUID } from 'node:crypto'
import { inspect } from 'node:util'
import { DISPLAY } from './attachment.ts'
import { PostError } from '../contract/error.ts'
import type { LiveAddress } from '../relay/live-post.ts'
import { PostHandle } from './post.ts'
import type { PostOptions, PostTransport } from './post.ts'
import { Date, Error, Math, Number, Object, String } from '../contract/primordials.ts'
import { progressBlocks } from './progress-state.ts'
import type { ProgressState } from './progress-state.ts'
import type { Receipt } from '../relay/receipt.ts'
import { targetsOf } from '../contract/target.ts'

export interface ProgressOptions extends Pick<PostOptions, 'thread' | 'url' | 'token'> {
  /** Number of steps in all; gives a bar and the remaining time. */
  total?: number
}

/** What a step reports: a number or a text is shown as it is, an object as `loss 0.1 · acc 0.9`. */
export type ProgressValue = number | string | Readonly<Record<string, unknown>>

export interface ProgressSink {
  /** Takes a state, which is shown when the next edit is due. */
  report(state: ProgressState): void
  /** Takes the last state; resolves when it is stored. */
  finish(state: ProgressState): Promise<void>
}

export type SinkOf = (address: LiveAddress, receipt: Receipt) => ProgressSink

/** How to post the first state and all later ones. */
export interface ProgressWay {
  transport: PostTransport
  sinkOf: SinkOf
}

/** @throws {PostError} if the post is refused. */
export async function startProgress(
  channel: string | readonly string[],
  title: string,
  { total, thread = randomUUID() }: ProgressOptions,
  { transport, sinkOf }: ProgressWay,
): Promise<Progress> {
  if (typeof title !== 'string' || title === '') {
    throw new PostError(
      'bad_request',
      "Expected a channel and a title: post.progress('@me', 'training', { total: 100 })",
    )
  }
  if (total !== undefined && !(Number.isFinite(total) && total > 0)) {
    throw new PostError(
      'bad_request',
      `Expected total to be a number above 0, got ${inspect(total)}`,
    )
  }
  const targets = targetsOf(channel)
  const state: ProgressState = {
    title,
    ...(total === undefined ? {} : { total }),
    count: 0,
    startedAt: Date.now(),
    line: '',
    status: 'running',
  }
  const blocks = progressBlocks(state, state.startedAt)
  const receipt = await transport.post({ targets, thread, blocks, files: [] })
  const handle = new PostHandle(transport, targets, thread, receipt)
  return new Progress(handle, state, sinkOf({ targets, thread }, receipt))
}

/** A running progress post. As the value of a cell it shows its receipt. */
export class Progress {
  /** The message itself, with `reply`, `delivered` and `delete`. */
  readonly post: PostHandle
  #state: ProgressState
  readonly #sink: ProgressSink

  constructor(post: PostHandle, state: ProgressState, sink: ProgressSink) {
    this.post = post
    this.#state = state
    this.#sink = sink
  }

  get count(): number {
    return this.#state.count
  }

  /** Counts one more step. @param value - What the step reports; shown as the last line. */
  tick(value?: ProgressValue): void {
    this.update(this.#state.count + 1, value)
  }

  /** @param count - Number of steps made so far. */
  update(count: number, value?: ProgressValue): void {
    if (!Number.isFinite(count)) {
      throw new PostError('bad_request', `Expected the number of steps made, got ${inspect(count)}`)
    }
    const line = value === undefined ? this.#state.line : lineOf(value)
    // After an interrupt or a failed cell, a tick makes the post run again.
    const { error: _, ...state } = this.#state
    this.#state = { ...state, count, line, status: 'running' }
    this.#sink.report(this.#state)
  }

  /** @throws {PostError} if the relay refuses the last state */
  async done(value?: ProgressValue): Promise<void> {
    await this.#end('done', value === undefined ? {} : { line: lineOf(value) })
  }

  /** @throws {PostError} if the relay refuses the last state */
  async fail(error?: unknown): Promise<void> {
    await this.#end('failed', error === undefined ? {} : { error: errorOf(error) })
  }

  [DISPLAY](): Record<string, string> {
    return this.post[DISPLAY]()
  }

  async #end(status: 'done' | 'failed', change: Partial<ProgressState>): Promise<void> {
    this.#state = { ...this.#state, ...change, status }
    await this.#sink.finish(this.#state)
  }
}

function lineOf(value: ProgressValue): string {
  if (typeof value !== 'object' || value === null) return shown(value)
  return Object.entries(value)
    .map(([name, one]) => `${name} ${shown(one)}`)
    .join(' · ')
}

function shown(value: unknown): string {
  if (typeof value === 'string') return value
  if (typeof value === 'number') return figure(value)
  return inspect(value, { breakLength: Number.POSITIVE_INFINITY, depth: 1 })
}

/** Six significant digits, but all digits before the point. */
function figure(value: number): string {
  return String(Math.abs(value) >= 100_000 ? Math.round(value) : Number(value.toPrecision(6)))
}

function errorOf(error: unknown): { name: string; message: string } {
  if (Error.isError(error)) return { name: error.name, message: error.message }
  return { name: 'Error', message: typeof error === 'string' ? error : inspect(error) }
}
