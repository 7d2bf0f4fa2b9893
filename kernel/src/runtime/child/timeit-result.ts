// What `%timeit` prints, in IPython's words.
import { Math } from '../../api/primordials.ts'
import { duration } from './stopwatch.ts'

/** @param runs - ms that each run took. */
export function resultText(runs: readonly number[], loops: number): string {
  const timings = runs.map((ms) => ms / 1000 / loops)
  const mean = timings.reduce((sum, one) => sum + one, 0) / runs.length
  const variance = timings.reduce((sum, one) => sum + (one - mean) ** 2, 0) / runs.length
  const best = Math.min(...timings)
  const worst = Math.max(...timings)
  // The bounds are IPython's.
  const isCached = worst > 4 * best && best > 0 && worst > 1e-6
  const warning = isCached
    ? `The slowest run took ${(worst / best).toFixed(2)} times longer than the fastest. This could mean that an intermediate result is being cached.\n`
    : ''
  const spread = `${duration(mean)} ± ${duration(Math.sqrt(variance))} per loop`
  const counts = `${counted(runs.length, 'run')}, ${counted(loops, 'loop')} each`
  return `${warning}${spread} (mean ± std. dev. of ${counts})\n`
}

/** `1,000 loops` */
function counted(count: number, noun: string): string {
  const digits = `${count}`
  let text = ''
  for (let at = 0; at < digits.length; at++) {
    if (at > 0 && (digits.length - at) % 3 === 0) text += ','
    text += digits.charAt(at)
  }
  return `${text} ${noun}${count === 1 ? '' : 's'}`
}
