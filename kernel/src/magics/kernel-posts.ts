// The posts of one kernel: what its magics and the `post()` of its cells need, made with the first post. A kernel that posts nothing
// starts without it, and loads it while it rests, so that the first post is as quick as the others.
import { PendingPosts } from '../../../post/pending-posts.ts'
import type { RelayPoster } from '../../../post/poster.ts'
import type { SecretValue } from '../../../post/secret-values.ts'
import type { CellOutputs } from '../capture/outputs.ts'
import type { Outcome, RuntimeCall } from '../runtime/runtime.ts'
import type { PostCalls } from './post-call.ts'
import { notebookName, postServices } from './post-services.ts'
import type { Poster, PostServices } from './post-services.ts'
import { posting } from './posting.ts'
import type { ShowLine } from './questions.ts'

/** ms without a cell. */
const REST = 1000

export interface KernelPostsOptions {
  /** Says where the relay is and who posts. */
  env: NodeJS.ProcessEnv
  /** The notebook's. */
  folder: string
  /** Of the notebook: their values may be secrets. */
  variables(): Promise<SecretValue[]>
  /** A line for the person: what became of an earlier post. */
  onNews(line: string): void
}

interface Made {
  poster: RelayPoster
  calls: PostCalls
}

export class KernelPosts {
  /** For the table of magics. */
  readonly services: PostServices
  readonly #options: KernelPostsOptions
  readonly #pending: PendingPosts
  #making: Promise<Made> | undefined
  #made: Made | undefined
  #timer: NodeJS.Timeout | undefined

  constructor(options: KernelPostsOptions) {
    this.#options = options
    const { env, folder } = options
    this.#pending = new PendingPosts({
      status: async (id) => (await this.#make()).poster.status(id),
      onRefused: (line) => options.onNews(line),
    })
    const poster: Poster = {
      post: async (post, signal) => (await this.#make()).poster.post(post, signal),
      change: async (id, content, signal) =>
        (await this.#make()).poster.change(id, content, signal),
      masked: async (post) => (await this.#make()).poster.masked(post),
      limits: async (signal) => (await this.#make()).poster.limits(signal),
      targets: async (query, signal) => (await this.#make()).poster.targets(query, signal),
    }
    this.services = postServices({ poster, notebook: notebookName(env), folder }, (receipt) =>
      this.#pending.add(receipt),
    )
  }

  /**
   * Answers a call with the method `post`.
   *
   * @param cell - The cell that the call came from, if it is still known.
   * @param show - Shows a line under it.
   */
  async answer(call: RuntimeCall, cell: CellOutputs | undefined, show: ShowLine): Promise<unknown> {
    const { calls } = await this.#make()
    return calls.answer(call, cell, show)
  }

  /** Loading takes the process a while: it must not come between a cell and its interrupt. */
  cellStarted(): void {
    clearTimeout(this.#timer)
  }

  cellEnded(cellId: string, outcome: Outcome): void {
    if (this.#made) this.#made.calls.progress.cellEnded(cellId, outcome)
    else this.#makeAtRest()
  }

  /** The code that told progress is gone. */
  runtimeLost(reason: string): void {
    this.#made?.calls.progress.runtimeLost(reason)
  }

  close(): void {
    clearTimeout(this.#timer)
    this.#pending.close()
    this.#made?.poster.close()
  }

  #makeAtRest(): void {
    clearTimeout(this.#timer)
    // A failure is told to who posts.
    this.#timer = setTimeout(() => void this.#make().catch(() => undefined), REST).unref()
  }

  #make(): Promise<Made> {
    this.#making ??= this.#load()
    return this.#making
  }

  async #load(): Promise<Made> {
    const { PostCalls, RelayPoster } = await posting()
    const { env } = this.#options
    const variables = () => this.#options.variables()
    const poster = new RelayPoster({
      env,
      variables,
      onResent: (line) => this.#options.onNews(line),
    })
    this.#made = { poster, calls: new PostCalls({ ...this.services, poster, variables }, env) }
    return this.#made
  }
}
