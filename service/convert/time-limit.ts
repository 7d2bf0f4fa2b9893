// How long one piece of work may take, in its own processor time: that a machine is busy, or slept, is no fault of a post.

/** By the clock it may take so many times longer. */
const MOST_TIMES = 6

/**
 * Calls `late` once the work has taken `ms` of processor time from now on, or much longer by the clock.
 *
 * @param used - Processor time of the worker so far, in ms; undefined where nobody knows: then the clock alone counts.
 * @returns Ends it: `late` is not called any more.
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
