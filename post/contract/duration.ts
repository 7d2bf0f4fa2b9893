// Durations as people write them (`90s`, `5m`, `2h`, `1d`) and read them (`3 min 12 s`). Also runs
// beside user code, so it relies on no global. Python has the same in `posting/duration.py`; both
// run the cases in `fixtures/durations.json`.
import { Math, Number } from './primordials.ts'

/** In ms, the largest first. */
const UNITS = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1000],
  ['ms', 1],
] as const

/** `1.5h` -> 5400000 ms; undefined if the text is no duration. */
export function parseDuration(text: string): number | undefined {
  const [, amount, name] = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(text) ?? []
  const unit = UNITS.find(([one]) => one === name)
  return unit === undefined ? undefined : Number(amount) * unit[1]
}

/** 5400000 ms -> `90m`: in the largest unit that divides it. */
export function durationText(ms: number): string {
  const [name, length] = UNITS.find(([, one]) => ms % one === 0) ?? ['ms', 1]
  return `${ms / length}${name}`
}

/** `3 h 4 min`. @param seconds - At least 0. */
export function durationWords(seconds: number): string {
  const whole = Math.round(seconds)
  if (whole < 60) return `${whole} s`
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`
}

/** `1.2 s`, but `75 s` from ten seconds on. @param ms - At least 0. */
export function secondsText(ms: number): string {
  // Round to tenths before choosing: 9.97 s becomes `10 s`, not `10.0 s`.
  const tenths = Math.round(ms / 100)
  return tenths < 100 ? `${(tenths / 10).toFixed(1)} s` : `${Math.round(ms / 1000)} s`
}
