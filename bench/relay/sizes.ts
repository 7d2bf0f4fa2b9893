// How much is measured. `JUPYTERPOST_BENCH=small` is for a test that only tries whether everything
// is measured; its figures mean nothing.

export interface Sizes {
  /** ms of one slice of load; the two servers get slices in turn. */
  sliceMs: number
  slices: number
  /** Posts that wait for a chat. */
  waiting: number
  /** Posts to deliver in one measurement. */
  deliveries: number
  /** Posts in the database at which each operation is timed. */
  rows: readonly number[]
  /** How often each operation is timed. */
  samples: number
  uploads: number
  uploadBytes: number
}

const FULL: Sizes = {
  sliceMs: 2000,
  slices: 4,
  waiting: 100_000,
  deliveries: 1500,
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
  rows: [1000, 2000],
  samples: 10,
  uploads: 3,
  uploadBytes: 1_000_000,
}

export const sizes: Sizes = process.env.JUPYTERPOST_BENCH === 'small' ? SMALL : FULL
