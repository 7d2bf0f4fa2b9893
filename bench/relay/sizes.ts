// How much is measured. `JUPYTERPOST_BENCH=small` is for a test that only looks whether the
// programs still measure; figures of it mean nothing.

export interface Sizes {
  /** ms of one slice of load; the two servers get slices in turn. */
  sliceMs: number
  slices: number
  /** Posts that wait for a chat. */
  waiting: number
  /** Posts to deliver in one measurement. */
  deliveries: number
  /** Rows of the outbox at which each operation is timed. */
  rows: readonly number[]
  /** How often each operation is timed. */
  samples: number
  uploads: number
  uploadBytes: number
}

const FULL: Sizes = {
  sliceMs: 2000,
  slices: 8,
  waiting: 100_000,
  deliveries: 10_000,
  rows: [1000, 10_000, 100_000, 1_000_000],
  samples: 300,
  uploads: 50,
  uploadBytes: 25_000_000,
}

const SMALL: Sizes = {
  sliceMs: 150,
  slices: 2,
  waiting: 1000,
  deliveries: 200,
  rows: [100, 1000],
  samples: 10,
  uploads: 3,
  uploadBytes: 1_000_000,
}

const named = process.env.JUPYTERPOST_BENCH
export const sizes: Sizes = named === "small" ? SMALL : named === "dev" ? { ...FULL, slices: 3, sliceMs: 1500 } : FULL
