// What the measured relay says of itself each second, and whether that is flat.
import { z } from 'zod'

export const Measured = z.object({
  measured: z.object({
    /** Bytes. */
    rss: z.number(),
    heapUsed: z.number(),
    external: z.number(),
    files: z.number(),
    /** ms by which the event loop was late, with and without what it waited for a processor. */
    lateP99: z.number(),
    ownP99: z.number(),
    ownMost: z.number(),
    /** Since the relay started. */
    lateP99Sofar: z.number(),
    ownP99Sofar: z.number(),
  }),
})
export type Second = z.infer<typeof Measured>['measured']

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
}

/** How much larger the last quarter is than the second: 0 if it is flat. */
export function growth(values: readonly number[]): number {
  const quarter = Math.floor(values.length / 4)
  const second = median(values.slice(quarter, 2 * quarter))
  return median(values.slice(-quarter)) / second - 1
}
