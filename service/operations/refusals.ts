// What is refused is counted, logged and written to the audit trail. There, more than a few equal
// refusals in a minute are one row, so that nobody can fill it with requests that fail.
import { messageOf } from '../../post/contract/error.ts'
import type { RelayError } from '../errors.ts'
import type { Log } from '../log.ts'
import type { Audit, ChatRefusal, RefusedRow } from '../outbox/audit.ts'
import type { Database } from '../storage/database.ts'
import type { Metrics } from './metrics.ts'

/** Rows of their own for one person and one rule in a minute. */
const SINGLE_ROWS = 5
const MINUTE_MS = 60_000
/** Different people and rules in a minute; what is beyond it is only counted and logged. */
const MOST_KINDS = 1000

export interface RefusalsDeps {
  db: Database
  audit: Audit
  metrics: Metrics
  log: Log
}

type Refusal = Omit<RefusedRow, 'times' | 'rule'> & { rule: RelayError['code']; path: string }

export class Refusals {
  readonly #deps: RefusalsDeps
  readonly #seen = new Map<string, { times: number; last: Refusal }>()
  readonly #timer: NodeJS.Timeout
  #writing: Promise<void> = Promise.resolve()

  constructor(deps: RefusalsDeps) {
    this.#deps = deps
    this.#timer = setInterval(() => this.#sum(), MINUTE_MS).unref()
    deps.audit.onChatRefusal((refusal) => this.#ofChat(refusal))
  }

  /** A request was refused by the relay itself. Never throws. */
  tell(refusal: Refusal): void {
    const { log, metrics } = this.#deps
    const { person, origin, targets, post, path, rule } = refusal
    metrics.refused(rule)
    log.info({ person, origin, targets, rule, post, path }, 'refused a request')
    const kind = JSON.stringify([person, rule])
    const seen = this.#seen.get(kind) ?? { times: 0, last: refusal }
    if (seen.times === 0 && this.#seen.size >= MOST_KINDS) return
    seen.times += 1
    seen.last = refusal
    this.#seen.set(kind, seen)
    if (seen.times <= SINGLE_ROWS) this.#write({ ...refusal, times: 1 })
  }

  /** Writes what is left to write. */
  async stop(): Promise<void> {
    clearInterval(this.#timer)
    this.#sum()
    await this.#writing
  }

  #ofChat({ deed, person, service, target, post, why }: ChatRefusal): void {
    const said = deed === 'given up' ? 'a post was refused' : 'a change of a post was refused'
    this.#deps.log.warn({ person, chat: service, target, rule: why, post }, said)
  }

  /** The end of a minute. */
  #sum(): void {
    const all = [...this.#seen.values()]
    this.#seen.clear()
    for (const { times, last } of all)
      if (times > SINGLE_ROWS) this.#write({ ...last, times: times - SINGLE_ROWS })
  }

  #write(row: RefusedRow): void {
    const { db, audit, log } = this.#deps
    const written = db
      .write(() => audit.refused(row))
      .catch((error: unknown) => {
        log.error({ error: messageOf(error) }, 'cannot write to the audit trail')
      })
    this.#writing = Promise.all([this.#writing, written]).then(() => undefined)
  }
}
