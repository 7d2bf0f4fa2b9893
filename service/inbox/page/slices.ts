// Work that would hold up the page, done in slices between its frames.

const jobs: (() => boolean)[] = []
let isAsked = false
/** Of one slice, in ms. */
const SLICE_MS = 12

/** @param job - One step of the work; false when there is no more. */
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
  // Not requestIdleCallback: Safari has none, and pages behind others hardly get any.
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
