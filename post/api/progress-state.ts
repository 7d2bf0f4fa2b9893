// The state of a progress post and how it is shown: title, bar, rate, remaining time, last values,
// end.
import limits from '../contract/limits.json' with { type: 'json' }
import { durationWords } from '../contract/duration.ts'
import { Date, Math, Number, String } from '../contract/primordials.ts'
import type { Block, Source } from '../contract/schema.ts'
import { firstUnits } from '../contract/units.ts'

export interface ProgressState {
  title: string
  /** Number of steps in all, above 0; undefined if it is not known. */
  total?: number | undefined
  count: number
  /** Milliseconds since the epoch. */
  startedAt: number
  /** What the last step reported; may be empty. */
  line: string
  /** `ended`: the cell ended before all steps were made. */
  status: 'running' | 'done' | 'ended' | 'failed' | 'interrupted' | 'stopped'
  /** Only if `status` is `failed`. */
  error?: { name: string; message: string } | undefined
}

const { bar: WIDTH, line: LONGEST_LINE } = limits.progress

export function progressBlocks(state: ProgressState, now: number): Block[] {
  const blocks: Block[] = [
    { type: 'message', text: state.title },
    { type: 'markdown', text: figures(state, now) },
  ]
  if (state.line !== '')
    blocks.push({ type: 'text', text: firstUnits(state.line, LONGEST_LINE), stream: 'result' })
  if (state.error) blocks.push({ type: 'error', ...state.error, traceback: '' })
  return blocks
}

/** The duration, and how it ended, for the first line of the post. */
export function progressSource({ status, startedAt }: ProgressState, now: number): Source {
  return {
    durationMs: Math.max(0, now - startedAt),
    ...(status === 'failed' || status === 'interrupted' ? { status } : {}),
  }
}

function figures(state: ProgressState, now: number): string {
  const { total, count, status } = state
  const elapsed = Math.max(0, now - state.startedAt) / 1000
  const rate = count > 0 && elapsed > 0 ? count / elapsed : 0
  const steps =
    total === undefined
      ? `${number(count)} ${count === 1 ? 'step' : 'steps'}`
      : `${number(count)}/${number(total)}`
  const parts = [
    ...(total === undefined ? [] : [`\`${bar(count / total)}\` ${percent(count / total)}`]),
    ...(status === 'ended' ? [] : [steps]),
    ...(rate === 0 ? [] : [rate >= 1 ? `${number(rate)}/s` : `${number(1 / rate)} s a step`]),
  ]
  if (status === 'running') {
    const left = total === undefined || rate === 0 ? undefined : (total - count) / rate
    if (left !== undefined && left > 0) parts.push(`${durationWords(left)} left`)
  } else {
    const word = status === 'ended' ? `ended at ${steps}` : status
    parts.push(`**${word}** after ${durationWords(elapsed)}`)
  }
  return parts.join(' · ')
}

function bar(share: number): string {
  const full = Math.round(Math.min(1, Math.max(0, share)) * WIDTH)
  return '█'.repeat(full) + '░'.repeat(WIDTH - full)
}

/** Rounds down, so that it says 100 only when all is done. */
function percent(share: number): string {
  return `${share >= 1 ? Math.round(share * 100) : Math.min(99, Math.max(0, Math.floor(share * 100)))} %`
}

/** Three significant digits if the value is below a thousand. */
function number(value: number): string {
  return Math.abs(value) >= 1000 || Number.isInteger(value)
    ? String(Math.round(value))
    : String(Number(value.toPrecision(3)))
}

/** The last state if the cell ended well and the code never said `done`. */
export function endedState(state: ProgressState): ProgressState {
  const { total, count } = state
  return { ...state, status: total === undefined || count >= total ? 'done' : 'ended' }
}

/** What the post shows in this state. */
export function progressContent(state: ProgressState, now = Date.now()) {
  return { blocks: progressBlocks(state, now), files: [], source: progressSource(state, now) }
}
