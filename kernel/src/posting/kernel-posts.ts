// The posts of one kernel: all that its magics and the `post()` of its cells need. It is loaded
// with the first post, or while the kernel rests, so that kernels start fast and the first post is
// as quick as the others.
import { messageOf } from '../../../post/contract/error.ts'
import { PendingPosts } from '../../../post/relay/pending-posts.ts'
import { noticeText } from '../../../post/contract/notices.ts'
import type { StoredPost } from '../../../post/contract/schema.ts'
import type { EndpointOptions } from '../../../post/relay/endpoint.ts'
import type { PosterOptions, RelayPoster } from '../../../post/relay/poster.ts'
import type { Receipt } from '../../../post/relay/receipt.ts'
import type { SecretValue } from '../../../post/secrets/values.ts'
import { notebookOfSession } from '../capture/notebook-name.ts'
import type { CellOutputs } from '../capture/outputs.ts'
import type { Magic } from '../magics/magic.ts'
import type { Outcome, RuntimeCall } from '../runtime/runtime.ts'
import type { Autopost } from './autopost.ts'
import type { PostCalls } from './post-call.ts'
import { postServices, postingMagics } from './magics.ts'
import type { MadeServices } from './magics.ts'
import type { Poster } from './post-services.ts'
import { posting } from './posting.ts'
import type { ShowLine } from './cell-questions.ts'
import type { WatchRelay } from './cell-watch.ts'
import { CellWatches } from './cell-watches.ts'

/** How long without a cell counts as rest, in ms. */
const REST = 1000

export interface KernelPostsOptions {
  /** Tells where the relay is and who posts. */
  env: NodeJS.ProcessEnv
  /** The command that starts a local relay. */
  relayProgram: string
  /** The notebook's folder. */
  folder: string
  /** The notebook's variables, whose values may be secrets. */
  variables(): Promise<SecretValue[]>
  /** Takes a line for the person that tells what became of an earlier post. */
  onNews(line: string): void
  /** Interrupts the cell, if it still runs. */
  stop(cellId: string): void
}

interface Made {
  poster: RelayPoster
  calls: PostCalls
}

export class KernelPosts {
  readonly #services: MadeServices
  readonly #options: KernelPostsOptions
  readonly #pending: PendingPosts
  readonly #watches: CellWatches
  #making: Promise<Made> | undefined
  #made: Made | undefined
  #timer: NodeJS.Timeout | undefined
  #isEnding = false

  constructor(options: KernelPostsOptions) {
    this.#options = options
    const { env, folder } = options
    this.#pending = new PendingPosts({
      status: async (id) => (await this.#make()).poster.status(id),
      onRefused: (line) => options.onNews(line),
    })
    const poster: Poster & WatchRelay = {
      post: async (post, signal) => (await this.#make()).poster.post(post, signal),
      change: async (id, content, signal) =>
        (await this.#make()).poster.change(id, content, signal),
      masked: async (post) => (await this.#make()).poster.masked(post),
      limits: async (signal) => (await this.#make()).poster.limits(signal),
      link: async (request, signal) => (await this.#make()).poster.link(request, signal),
      targets: async (query, signal) => (await this.#make()).poster.targets(query, signal),
      putWatch: async (id, manifest, signal) =>
        (await this.#make()).poster.putWatch(id, manifest, signal),
      commands: async (id, wanted, signal) =>
        (await this.#make()).poster.commands(id, wanted, signal),
      endWatch: async (id, signal) => (await this.#make()).poster.endWatch(id, signal),
    }
    const notebook = notebookOfSession(env)
    const stop = (cellId: string) => options.stop(cellId)
    const progress = (cellId: string) => this.#made?.calls.progress.blocksOf(cellId) ?? []
    this.#watches = new CellWatches({ relay: poster, notebook, stop, progress })
    const accepted = (receipt: Receipt) => this.#pending.add(receipt)
    this.#services = postServices({ poster, notebook, folder }, accepted, this.#watches)
  }

  get magics(): Magic[] {
    return postingMagics(this.#services)
  }

  /** `%autopost` of this notebook. */
  get autopost(): Autopost {
    return this.#services.autopost
  }

  /**
   * Answers a call with the method `post`.
   *
   * @param cell - The cell that the call came from, if it is still known.
   * @param show - Shows a line below it.
   */
  async answer(call: RuntimeCall, cell: CellOutputs | undefined, show: ShowLine): Promise<unknown> {
    const { calls } = await this.#make()
    return calls.answer(call, cell, show)
  }

  /**
   * Stops the loading at rest: it blocks the process for a while, and an interrupt of the cell
   * would have to wait.
   */
  cellStarted(cell: CellOutputs, kept: boolean): void {
    clearTimeout(this.#timer)
    this.#watches.cellStarted(cell)
    const { cellId, source } = cell
    const targets = this.#services.autopost.targetsOf({ cellId, source, kept })
    if (targets) this.#watches.tell(cellId, { targets, ids: [] })
  }

  cellEnded(cellId: string, outcome: Outcome): void {
    if (!this.#isEnding) this.#watches.cellEnded(cellId)
    if (this.#made) this.#made.calls.progress.cellEnded(cellId, outcome)
    else this.#makeAtRest()
  }

  /** Call when the code that reported progress is gone. @param last - The cell before. */
  runtimeLost(reason: string, last: CellOutputs | undefined): void {
    this.#made?.calls.progress.runtimeLost(reason)
    void this.#tellLost(reason, last)
  }

  async #tellLost(reason: string, last: CellOutputs | undefined): Promise<void> {
    try {
      await this.#services.autopost.runtimeLost(reason, last)
    } catch (error) {
      this.#options.onNews(noticeText('notPosted', { reason: messageOf(error) }))
    }
  }

  /**
   * Call when the kernel is about to end the running cell.
   *
   * @param isTold - True if the cell's posts will say why; the relay watches until they do. If
   *   false, the person knows, and `%autopost` posts nothing more.
   */
  ending(isTold: boolean): void {
    this.#isEnding = true
    this.#made?.poster.hurry()
    this.#made?.calls.hurry()
    if (!isTold) this.#services.autopost.stop()
  }

  /** Resolves when every post shows its last state and no relay watches a cell any more. */
  async finish(): Promise<void> {
    await this.#services.open.close()
    await this.#watches.close()
  }

  close(): void {
    clearTimeout(this.#timer)
    this.#pending.close()
    this.#made?.poster.close()
    this.#made?.calls.close()
  }

  #makeAtRest(): void {
    clearTimeout(this.#timer)
    // If loading fails, the next post reports it.
    this.#timer = setTimeout(() => void this.#make().catch(() => undefined), REST).unref()
  }

  #make(): Promise<Made> {
    this.#making ??= this.#load()
    return this.#making
  }

  async #load(): Promise<Made> {
    const { PostCalls, RelayPoster } = await posting()
    const { env, relayProgram } = this.#options
    const variables = () => this.#options.variables()
    const onResent = (line: string) => this.#options.onNews(line)
    const posterAt = (address: EndpointOptions & Pick<PosterOptions, 'onSent'>) =>
      new RelayPoster({ ...address, env, relayProgram, variables, onResent })
    const onSent = (posts: readonly StoredPost[]) =>
      this.#pending.add({ kind: 'accepted', posts: [...posts], notices: [] })
    const poster = posterAt({ onSent })
    if (this.#isEnding) poster.hurry()
    const calls = new PostCalls({ ...this.#services, poster, posterAt })
    this.#made = { poster, calls }
    return this.#made
  }
}
