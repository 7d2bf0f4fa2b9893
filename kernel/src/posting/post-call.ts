// The kernel's side of `post()`: answers what notebook code asks. The cell it came from is the
// post's source.
import type { PostAnswer } from '../../../post/api/call.ts'
import { answerOf, PostRequest } from '../../../post/api/call.ts'
import { PostError } from '../../../post/contract/error.ts'
import { typed } from '../../../post/api/file-types.ts'
import type { Block, UntypedFile } from '../../../post/contract/schema.ts'
import type { EndpointOptions } from '../../../post/relay/endpoint.ts'
import type { RelayPoster } from '../../../post/relay/poster.ts'
import type { CellOutputs } from '../capture/outputs.ts'
import type { RuntimeCall } from '../runtime/runtime.ts'
import type { PostServices } from './post-services.ts'
import { placeOf, sourceOf } from './source.ts'
import { ProgressPosts } from './progress-posts.ts'
import { CellQuestions } from './cell-questions.ts'
import type { ShowLine } from './cell-questions.ts'

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

export interface PostCallServices extends PostServices {
  poster: RelayPoster
  /** Makes the poster for `post({ url, token })`. */
  posterAt(address: EndpointOptions): RelayPoster
}

export class PostCalls {
  readonly #services: PostCallServices
  readonly progress: ProgressPosts
  readonly #questions: CellQuestions
  readonly #held = new Map<string, () => void>()
  /** Posters for `post({ url, token })`, one for each relay. */
  readonly #others = new Map<string, RelayPoster>()

  constructor(services: PostCallServices) {
    this.#services = services
    this.progress = new ProgressPosts(services.open)
    this.#questions = new CellQuestions(services.open)
  }

  /**
   * Answers a call with the method `post`.
   *
   * @param cell - The cell that the call came from, if it is still known.
   * @param show - Shows a line below it.
   */
  async answer(
    call: RuntimeCall,
    cell: CellOutputs | undefined,
    show: ShowLine,
  ): Promise<PostAnswer> {
    return answerOf(this.#value(PostRequest.parse(call.params), call, cell, show))
  }

  /** Like `RelayPoster.hurry`, for other relays than the kernel's. */
  hurry(): void {
    for (const poster of this.#others.values()) poster.hurry()
  }

  close(): void {
    for (const poster of this.#others.values()) poster.close()
  }

  async #value(
    request: PostRequest,
    { signal, cellId }: RuntimeCall,
    cell: CellOutputs | undefined,
    show: ShowLine,
  ): Promise<unknown> {
    switch (request.action) {
      case 'hold':
        return this.#hold(request.key, signal)
      case 'release':
        this.#held.get(request.key)?.()
        return undefined
      case 'submit': {
        const post = await this.#outgoing(request.post, cell)
        const receipt = await tellingInterrupt(this.#poster(request).post(post, signal), show)
        // Posts at other relays are followed only by their handles.
        if (this.#isOwn(request)) this.#services.accepted(receipt)
        return receipt
      }
      case 'progress': {
        const place = cell === undefined ? {} : placeOf(this.#services, cell)
        const { targets, thread, ids, state } = request
        if (state.status === 'running') {
          const relay = this.#isOwn(request) ? undefined : this.#poster(request)
          this.#services.watches.tell(cellId, { targets, thread, ids }, relay)
        }
        return this.progress.report(request, this.#poster(request), cellId, place)
      }
      case 'ask': {
        const post = this.#outgoing(request.post, cell)
        return this.#questions.ask(request.key, post, this.#poster(request), { signal, show })
      }
      case 'withdraw':
        return this.#questions.withdraw(request.key)
      case 'status':
        return this.#poster(request).status(request.id, signal)
      case 'change':
        return this.#poster(request).change(request.id, await typed(request.content), signal)
      case 'remove':
        return this.#poster(request).remove(request.id, signal)
    }
  }

  async #outgoing<P extends { thread?: string | undefined; blocks: Block[]; files: UntypedFile[] }>(
    given: P,
    cell: CellOutputs | undefined,
  ) {
    const source = cell === undefined ? {} : sourceOf(this.#services, cell)
    const { thread } = given
    // Keys that `post()` made are not offered for completion.
    if (thread !== undefined && !UUID.test(thread)) this.#services.threads.add(thread)
    return { ...(await typed(given)), source }
  }

  async #hold(key: string, signal: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#held.set(key, resolve)
    signal.addEventListener('abort', () => resolve())
    if (signal.aborted) resolve()
    await promise
    this.#held.delete(key)
  }

  #isOwn({ url, token }: { url?: string | undefined; token?: string | undefined }): boolean {
    return url === undefined && token === undefined
  }

  #poster({ url, token }: { url?: string | undefined; token?: string | undefined }): RelayPoster {
    if (this.#isOwn({ url, token })) return this.#services.poster
    const key = JSON.stringify([url, token])
    const known = this.#others.get(key)
    if (known !== undefined) return known
    const poster = this.#services.posterAt({ url, token })
    this.#others.set(key, poster)
    return poster
  }
}

/**
 * An interrupted cell has ended and gets no answer, so a line below it tells what became of its
 * post.
 */
async function tellingInterrupt<T>(sending: Promise<T>, show: ShowLine): Promise<T> {
  try {
    return await sending
  } catch (error) {
    if (error instanceof PostError && error.code === 'interrupted')
      show(error.message, error.message)
    throw error
  }
}
