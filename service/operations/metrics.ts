// The numbers of `/metrics`, as OpenMetrics text. Labels are names of chat services, codes and
// outcomes: never a person, a channel or a post.
import {
  Counter,
  Gauge,
  Histogram,
  Registry,
  collectDefaultMetrics,
  openMetricsContentType,
} from 'prom-client'
import type { OpenMetricsContentType } from 'prom-client'

import type { ProblemCode } from '../errors.ts'
import type { Counts } from '../outbox/outbox.ts'

/** What became of one attempt to deliver, change or remove a post. */
export type AttemptEnd = 'done' | 'again' | 'refused' | 'failed'
/** What a token check came to; `known` was answered from memory. */
export type HubCheckEnd = 'known' | 'accepted' | 'refused' | 'away'
export type DrawingEnd = 'done' | 'refused'

/** Seconds: from an answer of this machine to a chat's longest time limit. */
const SECONDS = [0.005, 0.02, 0.1, 0.5, 2, 10, 60, 600]

/** Ends a text; what follows it is not read. */
const END = '\n# EOF\n'

/** About this process: event loop, memory, files. Its observers cannot be ended, so one is made. */
let ofProcess: Registry<OpenMetricsContentType> | undefined

function processRegistry(): Registry<OpenMetricsContentType> {
  if (ofProcess) return ofProcess
  ofProcess = openMetrics()
  collectDefaultMetrics({ register: ofProcess })
  return ofProcess
}

function openMetrics(): Registry<OpenMetricsContentType> {
  const registry = new Registry<OpenMetricsContentType>()
  registry.setContentType(openMetricsContentType)
  return registry
}

export interface MetricsDeps {
  /** Asked when metrics are read. */
  counts: () => Counts
  /** Chat service -> its lanes with work. */
  lanes: () => Iterable<readonly [string, number]>
  /** How many are open. */
  streams: () => number
}

export class Metrics {
  readonly contentType = openMetricsContentType
  readonly #registry = openMetrics()
  readonly #accepted = this.#counter('accepted', 'Posts accepted since the relay started')
  readonly #refused = this.#counter('refusals', 'Requests refused, by rule', ['rule'])
  readonly #attempts = this.#counter(
    'delivery_attempts',
    'Deliveries, changes and removals tried, by chat service and outcome',
    ['service', 'outcome'],
  )
  readonly #attemptSeconds = this.#histogram(
    'delivery_attempt_seconds',
    'Duration of these attempts',
    ['service'],
  )
  readonly #hubChecks = this.#counter('hub_checks', 'Tokens checked, by outcome', ['outcome'])
  readonly #hubSeconds = this.#histogram('hub_check_seconds', 'Time until the Hub answered')
  readonly #drawings = this.#counter('drawings', 'Pictures drawn or decoded, by outcome', [
    'outcome',
  ])
  readonly #drawingSeconds = this.#histogram('drawing_seconds', 'Time of these with waiting')
  readonly #drawing = this.#gauge('drawings_open', 'Pictures that are drawn or wait for it')

  constructor(deps: MetricsDeps) {
    const waiting = this.#gauge('waiting', 'Posts and changes accepted and not delivered yet')
    const dead = this.#gauge('dead', 'Posts given up and still kept')
    const oldest = this.#gauge('oldest_waiting_seconds', 'Age of the oldest waiting post')
    const lanes = this.#gauge('lanes', 'Channels and people with work, by chat service', [
      'service',
    ])
    const streams = this.#gauge('event_streams', 'Event streams that are open')
    // Asked once for all, and only when metrics are read.
    this.read = async () => {
      const counts = deps.counts()
      waiting.set(counts.waiting)
      dead.set(counts.dead)
      oldest.set(counts.oldestMs / 1000)
      lanes.reset()
      for (const [service, n] of deps.lanes()) lanes.set({ service }, n)
      streams.set(deps.streams())
      const own = await this.#registry.metrics()
      return own.replace(END, '\n') + (await processRegistry().metrics())
    }
  }

  readonly read: () => Promise<string>

  accepted(posts: number): void {
    this.#accepted.inc(posts)
  }

  refused(rule: ProblemCode): void {
    this.#refused.inc({ rule })
  }

  attempted(service: string, outcome: AttemptEnd, ms: number): void {
    this.#attempts.inc({ service, outcome })
    this.#attemptSeconds.observe({ service }, ms / 1000)
  }

  checked(outcome: HubCheckEnd, ms: number): void {
    this.#hubChecks.inc({ outcome })
    if (outcome !== 'known') this.#hubSeconds.observe(ms / 1000)
  }

  drawing(): void {
    this.#drawing.inc()
  }

  drawn(outcome: DrawingEnd, ms: number): void {
    this.#drawing.dec()
    this.#drawings.inc({ outcome })
    this.#drawingSeconds.observe(ms / 1000)
  }

  #counter<T extends string>(name: string, help: string, labelNames: T[] = []): Counter<T> {
    return new Counter({ name: `jupyterpost_${name}_total`, help, labelNames, ...this.#own() })
  }

  #gauge<T extends string>(name: string, help: string, labelNames: T[] = []): Gauge<T> {
    return new Gauge({ name: `jupyterpost_${name}`, help, labelNames, ...this.#own() })
  }

  #histogram<T extends string>(name: string, help: string, labelNames: T[] = []): Histogram<T> {
    const what = { name: `jupyterpost_${name}`, help, labelNames, buckets: SECONDS }
    return new Histogram({ ...what, ...this.#own() })
  }

  #own() {
    return { registers: [this.#registry] }
  }
}
