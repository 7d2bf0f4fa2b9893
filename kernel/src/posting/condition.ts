// `--on` and `--slow`: whether a cell that ended is posted.
import { parseDuration } from '../../../post/contract/duration.ts'
import type { Outcome } from '../runtime/runtime.ts'
import type { Parsed } from '../magics/magic.ts'
import { UsageError } from '../magics/magic.ts'

export interface Condition {
  /** An interrupted cell is posted only if that was asked for. */
  interrupted: boolean
  /** Failures are posted. */
  failures: boolean
  /** @param elapsed - Milliseconds that the cell took. */
  matches(outcome: Outcome, elapsed: number): boolean
  /** For people: ` if they took 5m or more and failed`; empty without a condition. */
  words: string
}

/** @throws {UsageError} */
export function conditionOf(parsed: Parsed): Condition {
  const on = parsed.flags.get('on')?.at(-1)
  if (on !== undefined && !['done', 'error', 'always'].includes(on)) {
    throw new UsageError(`--on takes done, error or always, not ${JSON.stringify(on)}`)
  }
  const slow = parsed.flags.get('slow')?.at(-1)
  const least = slow === undefined ? 0 : milliseconds(slow)
  const words = [
    ...(slow === undefined ? [] : [`they took ${slow} or longer`]),
    ...(on === 'error' ? ['they failed'] : on === 'done' ? ['they did not fail'] : []),
  ]
  return {
    words: words.length === 0 ? '' : ` if ${words.join(' and ')}`,
    interrupted: on === 'always',
    failures: on !== 'done',
    matches: (outcome, elapsed) =>
      elapsed >= least &&
      (on === undefined || on === 'always' || (on === 'error') === (outcome.status === 'error')),
  }
}

function milliseconds(text: string): number {
  const ms = parseDuration(text)
  if (ms !== undefined) return ms
  throw new UsageError(`--slow takes a time like 30s, 5m or 2h, not ${JSON.stringify(text)}`)
}
