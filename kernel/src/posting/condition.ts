// `--on` and `--slow`: whether a cell that ended is posted.
import { parseDuration } from '../../../post/contract/duration.ts'
import { flagNamed } from '../../../post/contract/flags.ts'
import type { Flag } from '../../../post/contract/flags.ts'
import type { Outcome } from '../runtime/runtime.ts'
import type { Parsed } from '../../../post/arguments/parser.ts'
import { UsageError } from '../../../post/arguments/usage-error.ts'

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

const ON = flagNamed('--on')
const SLOW = flagNamed('--slow')

/** @throws {UsageError} */
export function conditionOf(parsed: Parsed): Condition {
  const on = parsed.flags.get('on')?.at(-1)
  if (on !== undefined && ON.choices?.includes(on) !== true) throw unexpected(ON, on)
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
  throw unexpected(SLOW, text)
}

function unexpected({ name, expected }: Flag, value: string): UsageError {
  return new UsageError(`${name} takes ${expected}, not ${JSON.stringify(value)}`)
}
