// How large the tests of faults are: bounded in the suite, or the full size that a release is
// judged by, which takes many minutes.

/** Asked for by JUPYTERPOST_STRESS=full. */
export const FULL = process.env.JUPYTERPOST_STRESS === 'full'

export function sized(bounded: number, full: number): number {
  return FULL ? full : bounded
}

/** Random numbers in [0, 1) that are the same for the same seed (mulberry32). */
export function randomOf(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
