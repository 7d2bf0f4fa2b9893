// `--on` and `--slow`: whether to post a cell that ended.
import { parseDuration } from '../../../post/contract/duration.ts'
import { noticeText } from '../../../post/contract/notices.ts'
import { flagNamed, mistake } from '../../../post/contract/flags.ts'
import type { Flag } from '../../../post/contract/flags.ts'
import type { Outcome } from '../runtime/runtime.ts'
import type { Parsed } from '../../../post/arguments/parser.ts'
import { UsageError } from '../../../post/arguments/usage-error.ts'

export interface Condition {
  /** Whether to post an interrupted cell: only if the person typed so. */
  interrupted: boolean
  /** Whether to post failed cells. */
  failures: boolean
  /** @param elapsed - How long the cell took, in ms. */
  matches(outcome: Outcome, elapsed: number): boolean
  /**
   * The condition in words: ` if they took 5m or longer and they failed`; empty if there is none.
   */
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
  return {
    words: wordsOf(on, slow),
    interrupted: on === 'always',
    failures: on !== 'done',
    matches: (outcome, elapsed) =>
      elapsed >= least &&
      (on === undefined || on === 'always' || (on === 'error') === (outcome.status === 'error')),
  }
}

function wordsOf(on: string | undefined, slow: string | undefined): string {
  const time = slow === undefined ? undefined : noticeText('slow', { time: slow })
  const end = on === 'error' || on === 'done' ? noticeText(on) : undefined
  if (time !== undefined && end !== undefined)
    return noticeText('bothConditions', { one: time, other: end })
  const condition = time ?? end
  return condition === undefined ? '' : noticeText('condition', { condition })
}

function milliseconds(text: string): number {
  const ms = parseDuration(text)
  if (ms !== undefined) return ms
  throw unexpected(SLOW, text)
}

function unexpected({ name, expected = '' }: Flag, value: string): UsageError {
  const given = JSON.stringify(value)
  return new UsageError(mistake('unexpected', { flag: name, expected, given }))
}

/**
 * Refuses flags that contradict each other: a raw post runs nothing, and a live post starts before
 * the cell ends.
 *
 * @throws {UsageError}
 */
export function refuseContradictions({ flags }: Parsed): void {
  const timed = ['live', 'on', 'slow'].find((name) => flags.has(name))
  if (flags.has('raw') && timed !== undefined)
    throw new UsageError(mistake('rawAlone', { flag: `--${timed}` }))
  const on = flags.get('on')?.at(-1) ?? 'always'
  if (flags.has('live') && (on !== 'always' || flags.has('slow')))
    throw new UsageError(mistake('liveAlone'))
}
