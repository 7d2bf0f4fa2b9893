// How long code took, as IPython words it: by the clock, and of the processor in all threads of
// this process.
import { performance } from 'node:perf_hooks'
import process from 'node:process'
import { Math, Number, uncurry } from '../../api/primordials.ts'

const cpuUsage = uncurry(process, 'cpuUsage')
/** ms */
export const now = uncurry(performance, 'now')
export const clock = performance

export class Stopwatch {
  readonly #used = cpuUsage(process)
  readonly #started = now(clock)

  /** Two lines. */
  text(): string {
    const wall = (now(clock) - this.#started) / 1000
    const { user, system } = cpuUsage(process, this.#used)
    const [u, s] = [user / 1e6, system / 1e6]
    return (
      `CPU times: user ${duration(u)}, sys: ${duration(s)}, total: ${duration(u + s)}\n` +
      `Wall time: ${duration(wall)}\n`
    )
  }
}

const UNITS = ['s', 'ms', 'μs', 'ns'] as const

/** `1.23 ms`, `2min 3s`. @param seconds - Not negative. */
export function duration(seconds: number): string {
  if (seconds >= 60) {
    const whole = Math.floor(seconds)
    const parts = [
      [Math.floor(whole / 86_400), 'd'],
      [Math.floor(whole / 3600) % 24, 'h'],
      [Math.floor(whole / 60) % 60, 'min'],
      [whole % 60, 's'],
    ] as const
    return parts
      .filter(([count]) => count > 0)
      .map(([count, unit]) => `${count}${unit}`)
      .join(' ')
  }
  const exponent = seconds > 0 ? -Math.floor(Math.log10(seconds) / 3) : 3
  const order = Math.min(Math.max(exponent, 0), 3)
  const scaled = seconds * 1000 ** order
  return `${Number(scaled.toPrecision(3))} ${UNITS[order] ?? 's'}`
}
