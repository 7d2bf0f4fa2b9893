// Sizes of stress tests: bounded by default, full with JUPYTERPOST_STRESS=full. Prints figures for
// docs/performance.md.

export const MB = 1024 * 1024
const isFull = process.env['JUPYTERPOST_STRESS'] === 'full'

export function amount(bounded: number, full: number): number {
  return isFull ? full : bounded
}

/** ms for a test of full size. */
export const PATIENCE = isFull ? 3_600_000 : 120_000

export function figure(what: string, ...values: number[]): void {
  process.stdout.write(`${what}: ${values.map((value) => value.toPrecision(3)).join(', ')}\n`)
}

/** The value below which this share of the values lies. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0
}
