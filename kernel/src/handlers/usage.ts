// usage_request: processor time and memory of the kernel with all its processes, for the meter of
// jupyter-resource-usage. https://github.com/jupyter-server/jupyter-resource-usage
import { availableParallelism, freemem, hostname, totalmem } from 'node:os'
import { usageOf } from '../runtime/processes.ts'
import type { ServiceHandler } from './services.ts'

/** Each answer covers the time since the one before. */
export function usageMeter(): ServiceHandler {
  /** ms since this process started, and seconds of processor time used until then. */
  let before = { at: 0, seconds: 0 }
  return async () => {
    const { seconds, bytes } = await usageOf(process.pid)
    const now = performance.now()
    const elapsed = Math.max(1, now - before.at) / 1000
    // As psutil counts: 100 is one processor, since the last request. A process that ended takes
    // its seconds with it.
    const cpu = Math.max(0, (100 * (seconds - before.seconds)) / elapsed)
    before = { at: now, seconds }
    const total = totalmem()
    const free = freemem()
    return {
      content: {
        status: 'ok',
        hostname: hostname(),
        pid: process.pid,
        kernel_cpu: cpu,
        kernel_memory: bytes,
        cpu_count: availableParallelism(),
        host_virtual_memory: {
          total,
          available: free,
          free,
          used: total - free,
          percent: (100 * (total - free)) / total,
        },
      },
    }
  }
}
