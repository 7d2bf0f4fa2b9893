// Counts what a chat service and the processes that draw are asked, without changing it.
import type { ChatService } from '../chat/chat.ts'
import type { Conversions } from '../convert/converter.ts'
import { ChatError } from '../errors.ts'
import type { AttemptEnd, Metrics } from './metrics.ts'

export interface MeasuredDeps {
  metrics: Metrics
  /** Milliseconds of this process. */
  monotonic: () => number
}

/** The service, with each attempt counted. */
export function measuredChat(service: ChatService, deps: MeasuredDeps): ChatService {
  const { metrics, monotonic } = deps
  async function measure<T>(attempt: () => Promise<T>): Promise<T> {
    const began = monotonic()
    const ended = (end: AttemptEnd) => metrics.attempted(service.name, end, monotonic() - began)
    try {
      const result = await attempt()
      ended('done')
      return result
    } catch (error) {
      ended(endOf(error))
      throw error
    }
  }
  const own: Pick<ChatService, 'deliver' | 'edit' | 'remove'> = {
    deliver: (...words) => measure(() => service.deliver(...words)),
    edit: (...words) => measure(() => service.edit(...words)),
    remove: (...words) => measure(() => service.remove(...words)),
  }
  return new Proxy(service, {
    get(target, name) {
      if (name === 'deliver' || name === 'edit' || name === 'remove') return own[name]
      const value: unknown = Reflect.get(target, name, target)
      // Methods must be called on the service itself, because they use private fields.
      if (typeof value !== 'function') return value
      return (...words: unknown[]): unknown => Reflect.apply(value, target, words)
    },
  })
}

function endOf(error: unknown): AttemptEnd {
  if (!(error instanceof ChatError)) return 'failed'
  return error.retryable ? 'again' : 'refused'
}

/** The processes that draw, with each picture counted. */
export function measuredConversions(
  conversions: Conversions,
  { metrics, monotonic }: MeasuredDeps,
): Conversions {
  return {
    async run(job, signal, account) {
      const began = monotonic()
      metrics.drawing()
      let isDone = false
      try {
        const outcome = await conversions.run(job, signal, account)
        isDone = outcome.kind !== 'refused'
        return outcome
      } finally {
        metrics.drawn(isDone ? 'done' : 'refused', monotonic() - began)
      }
    },
  }
}
