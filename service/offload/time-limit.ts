// How long a thread may work on one task, in its own processor time: that a machine is busy, or slept, is no fault of a post.
import type { Worker } from 'node:worker_threads'

/** By the clock a task may take so many times longer. */
const MOST_TIMES = 6

/**
 * Calls `late` once the thread has taken `ms` of processor time from now on, or much longer by the clock.
 *
 * @returns Ends it: `late` is not called any more.
 */
export function limitTime(worker: Worker, ms: number, late: () => void): () => void {
  const before = processorMs(worker)
  let isOver = false
  const look = async () => {
    const left = ms - (await processorMs(worker)) + (await before)
    if (isOver) return
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

async function processorMs(worker: Worker): Promise<number> {
  try {
    const { user, system } = await worker.cpuUsage()
    return (user + system) / 1000
  } catch {
    return 0 // ERR_WORKER_NOT_RUNNING: it starts, or has just ended, which `exit` tells
  }
}
