// A signal for one job: aborted when its time is up, or when the relay ends. Nothing of it stays
// once the job is over. `AbortSignal.timeout` and `AbortSignal.any` would keep a timer for each job
// until its time is up, which at 200 jobs a second is a hundred megabytes.

export interface Deadline extends Disposable {
  signal: AbortSignal
}

export function deadlineOf(ms: number, stop: AbortSignal): Deadline {
  const controller = new AbortController()
  const end = () => controller.abort(stop.reason)
  const late = () => controller.abort(new DOMException('It took too long', 'TimeoutError'))
  const timer = setTimeout(late, ms).unref()
  if (stop.aborted) end()
  else stop.addEventListener('abort', end, { once: true })
  return {
    signal: controller.signal,
    [Symbol.dispose]() {
      clearTimeout(timer)
      stop.removeEventListener('abort', end)
    },
  }
}
