// Limits the processor time of a piece of work. Time by the clock would be unfair to a post if the
// machine is busy or slept.

/** By the clock, work may take this many times as long. */
const MOST_TIMES = 6

/**
 * Calls `late` when the work has taken `ms` of processor time from now on, or much longer by the
 * clock.
 *
 * @param used - Processor time of the worker so far, in ms. If it is undefined, because the system
 * does not tell, only the clock counts.
 * @returns The function that ends the limit: after it, `late` is not called.
 */
export function limitTime(
  used: () => Promise<number | undefined> | number | undefined,
  ms: number,
  late: () => void,
): () => void {
  const before = Promise.resolve(used())
  let isOver = false
  const look = async () => {
    const [start, now] = [await before, await used()]
    if (isOver) return
    const left = start === undefined || now === undefined ? 0 : ms - (now - start)
    if (left <= 0) late()
    else timer = setTimeout(() => void look(), left)
  }
  let timer = setTimeout(() => void look(), ms)
  const last = setTimeout(late, ms * MOST_TIMES)
  return () => {
    isOver = true
    clearTimeout(timer)
    clearTimeout(last)
  }
}
