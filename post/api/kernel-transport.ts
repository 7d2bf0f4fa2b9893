// How `post()` works in a notebook: through the kernel process, which knows the cell, outlives a
// crash of the user code and can talk to the relay. Runs beside user code, so it is small and
// relies on no global.
import { randomUUID } from 'node:crypto'
import { performance } from 'node:perf_hooks'
import { clearTimeout, setTimeout } from 'node:timers'
import type { AskTransport } from './ask.ts'
import type { PostAnswer, PostRequest } from './call.ts'
import { PostError } from '../contract/error.ts'
import type { PostOptions, PostTransport } from './post.ts'
import { Number, TypeError } from '../contract/primordials.ts'
import type { SinkOf } from './progress.ts'
import type { ProgressState } from './progress-state.ts'

/** Asks the kernel process; resolves to its `PostAnswer`. */
export type AskKernel = (request: PostRequest) => Promise<unknown>

/** `post()` through the kernel process. */
export function kernelTransport(
  call: AskKernel,
  options: Pick<PostOptions, 'url' | 'token'>,
): PostTransport {
  const to = addressOf(options)
  return {
    post: (post) => valueOf(call({ action: 'submit', ...to, post })),
    status: (id) => valueOf(call({ action: 'status', ...to, id })),
    change: (id, content) => valueOf(call({ action: 'change', ...to, id, content })),
    remove: (id) => valueOf(call({ action: 'remove', ...to, id })),
  }
}

/** `post.ask()` through the kernel process, which waits for the answer. */
export function kernelQuestions(
  call: AskKernel,
  options: Pick<PostOptions, 'url' | 'token'>,
): AskTransport {
  return {
    async ask(post, signal) {
      // The signal may have been aborted while attachments were read.
      signal?.throwIfAborted()
      const key = randomUUID()
      // Rejects only when the runtime ends, and that ends the question too.
      const withdraw = () => void call({ action: 'withdraw', key }).catch(() => undefined)
      signal?.addEventListener('abort', withdraw)
      try {
        return await valueOf(call({ action: 'ask', ...addressOf(options), key, post }))
      } catch (error) {
        signal?.throwIfAborted()
        throw error
      } finally {
        signal?.removeEventListener('abort', withdraw)
      }
    },
  }
}

/**
 * Least time between two states sent to the kernel process, in ms. Chats show new states more
 * slowly than this.
 */
const TELL_MS = 100

/** Sends the states of `post.progress()` to the kernel process. */
export function kernelSink(call: AskKernel, options: Pick<PostOptions, 'url' | 'token'>): SinkOf {
  return (to, receipt) => {
    const key = randomUUID()
    const ids = receipt.kind === 'accepted' ? receipt.posts.map(({ id }) => id) : []
    let told = Number.NEGATIVE_INFINITY
    let next: ProgressState | undefined
    let timer: NodeJS.Timeout | undefined
    const tell = async (state: ProgressState) => {
      told = performance.now()
      next = undefined
      const request = { ...addressOf(options), key, ...to, ids, state }
      await valueOf(call({ action: 'progress', ...request }))
    }
    const tellNext = () => {
      timer = undefined
      // Rejects only when the runtime ends.
      if (next) tell(next).catch(() => undefined)
    }
    return {
      report(state) {
        next = state
        // Sent at once if it is time, because a timer never fires in a loop without `await`.
        if (performance.now() - told >= TELL_MS) tellNext()
        else timer ??= setTimeout(tellNext, TELL_MS)
      },
      async finish(state) {
        clearTimeout(timer)
        timer = undefined
        await tell(state)
      },
    }
  }
}

function addressOf({ url, token }: Pick<PostOptions, 'url' | 'token'>) {
  return { ...(url === undefined ? {} : { url }), ...(token === undefined ? {} : { token }) }
}

async function valueOf<Value>(answered: Promise<unknown>): Promise<Value> {
  const answer = await answered
  if (!isAnswer<Value>(answer)) throw new TypeError('the kernel process answered in another way')
  if (answer.ok) return answer.value
  throw new PostError(answer.code, answer.message, { nearest: answer.nearest })
}

/**
 * The kernel process gives each action the value that `call.ts` tells, so only the frame is
 * checked.
 */
function isAnswer<Value>(answer: unknown): answer is PostAnswer<Value> {
  return typeof answer === 'object' && answer !== null && 'ok' in answer
}
