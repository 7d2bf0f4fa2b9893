// Work that would block the page, done in slices between its frames.

const jobs: (() => boolean)[] = []
let isAsked = false
/** ms of one slice. */
const SLICE_MS = 12

/** @param job - Does one step of the work; returns false when none is left. */
export function inSlices(job: () => boolean): void {
  jobs.push(job)
  ask()
}

/** Resolves when the browser has drawn what is there. */
export function nextSlice(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0))
}

function ask(): void {
  if (isAsked) return
  isAsked = true
  // Not requestIdleCallback: Safari has none, and background pages hardly ever get a call.
  setTimeout(work, 4)
}

function work(): void {
  isAsked = false
  const until = performance.now() + SLICE_MS
  while (performance.now() < until) {
    const [job] = jobs
    if (!job) return
    if (!job()) jobs.splice(jobs.indexOf(job), 1)
  }
  ask()
}
