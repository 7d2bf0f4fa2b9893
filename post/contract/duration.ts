// Durations as people write them: `90s`, `5m`, `2h`, `1d`. Runs beside user code too: relies on no global.
import { Number } from './primordials.ts'

/** ms; the largest first. */
const UNITS = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1000],
  ['ms', 1],
] as const

/** `1.5h` -> 5400000 ms; undefined if it is no duration. */
export function parseDuration(text: string): number | undefined {
  const [, amount, name] = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(text) ?? []
  const unit = UNITS.find(([one]) => one === name)
  return unit === undefined ? undefined : Number(amount) * unit[1]
}

/** 5400000 ms -> `90m`: in the largest unit of which it is a whole number. */
export function durationText(ms: number): string {
  const [name, length] = UNITS.find(([, one]) => ms % one === 0) ?? ['ms', 1]
  return `${ms / length}${name}`
}
