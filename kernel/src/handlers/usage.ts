// usage_request: processor and memory of the kernel with all its processes, for the meter of jupyter-resource-usage.
// https://github.com/jupyter-server/jupyter-resource-usage
import { readFileSync } from 'node:fs'
import { availableParallelism, freemem, hostname, totalmem } from 'node:os'
import type { ServiceHandler } from './services.ts'

/** Clock ticks a second of /proc/PID/stat; 100 on every Linux that Node runs on. */
const TICKS = 100

let before = { at: performance.now(), seconds: processes(process.pid).seconds }

export const usage: ServiceHandler = () => {
  const { seconds, bytes } = processes(process.pid)
  const now = performance.now()
  const elapsed = Math.max(1, now - before.at) / 1000
  // As psutil counts: 100 is one processor, since the last request. A process that ended takes its seconds with it.
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

/** Of a process and all below it. Without /proc (macOS, Windows) this process only. */
function processes(pid: number): { seconds: number; bytes: number } {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
    // After the name in parentheses, which may hold spaces: fields 3 (state) and on (proc(5)).
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    const own = {
      seconds: (Number(fields[11]) + Number(fields[12])) / TICKS,
      bytes: residentBytes(pid),
    }
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1').trim()
    for (const child of children === '' ? [] : children.split(' ')) {
      const { seconds, bytes } = processes(Number(child))
      own.seconds += seconds
      own.bytes += bytes
    }
    return own
  } catch (error) {
    if (pid !== process.pid || process.platform === 'linux') return { seconds: 0, bytes: 0 }
    const { user, system } = process.cpuUsage()
    if (!Error.isError(error)) throw error
    return { seconds: (user + system) / 1e6, bytes: process.memoryUsage.rss() }
  }
}

function residentBytes(pid: number): number {
  const kilobytes = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1]
  return Number(kilobytes ?? 0) * 1024
}
