// Processor time and memory of a process and all below it: from /proc on Linux, from `ps` on macOS
// and the BSDs; elsewhere only those of this process.
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { promisify } from 'node:util'

export interface ProcessUsage {
  /** Of processor time, since each process started. */
  seconds: number
  /** Resident. */
  bytes: number
}

/** Clock ticks a second of /proc/PID/stat; 100 on every Linux that Node runs on. */
const TICKS = 100

export async function usageOf(pid: number): Promise<ProcessUsage> {
  if (process.platform === 'linux') return fromProc(pid)
  try {
    const { stdout } = await promisify(execFile)('ps', ['-axo', 'pid=,ppid=,rss=,time='])
    return fromPs(stdout, pid)
  } catch (error) {
    // No `ps`, as on Windows.
    if (!Error.isError(error)) throw error
    const { user, system } = process.cpuUsage()
    return { seconds: (user + system) / 1e6, bytes: process.memoryUsage.rss() }
  }
}

/** Zero for a process that ended meanwhile. */
function fromProc(pid: number): ProcessUsage {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
    // After the name in parentheses, which may hold spaces: fields 3 (state) and on (proc(5)).
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    const sum = {
      seconds: (Number(fields[11]) + Number(fields[12])) / TICKS,
      bytes: residentBytes(pid),
    }
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1').trim()
    for (const child of children === '' ? [] : children.split(' ')) {
      const { seconds, bytes } = fromProc(Number(child))
      sum.seconds += seconds
      sum.bytes += bytes
    }
    return sum
  } catch (error) {
    if (Error.isError(error) && 'code' in error) return { seconds: 0, bytes: 0 }
    throw error
  }
}

function residentBytes(pid: number): number {
  const kilobytes = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1]
  return Number(kilobytes ?? 0) * 1024
}

/** @param table - Lines of pid, parent, resident kB and `[[days-]hours:]minutes:seconds`. */
export function fromPs(table: string, root: number): ProcessUsage {
  const rows = table.split('\n').flatMap((line) => {
    const [pid, parent, kilobytes, time] = line.trim().split(/\s+/)
    if (time === undefined) return []
    return [{ pid: Number(pid), parent: Number(parent), kilobytes: Number(kilobytes), time }]
  })
  const below = new Set([root])
  const sum = { seconds: 0, bytes: 0 }
  // A set is walked while it grows: children come after their parents.
  for (const pid of below) {
    for (const row of rows) {
      if (row.parent === pid) below.add(row.pid)
      if (row.pid !== pid) continue
      sum.seconds += secondsOf(row.time)
      sum.bytes += row.kilobytes * 1024
    }
  }
  return sum
}

function secondsOf(time: string): number {
  const [days, clock] = time.includes('-') ? time.split('-') : ['0', time]
  const seconds = (clock ?? '').split(':').reduce((sum, part) => sum * 60 + Number(part), 0)
  return Number(days) * 86_400 + seconds
}
