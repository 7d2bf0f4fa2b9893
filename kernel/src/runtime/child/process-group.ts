// Which processes of the runtime's group the running cell started, by their age: what cells before it started (a server) is spared. Knows
// those of native code and of `execSync` too, whose pids Node tells nobody. Linux only: elsewhere ages are not to be had so exactly.
import { readFileSync, readdirSync } from 'node:fs'

/** Of `/proc/PID/stat`, in units of 1/100 s since the system started (proc_pid_stat(5); Linux shows 100 to programs everywhere). */
const TICKS = 100
/** A process that began this many seconds before the cell may have begun with it: both clocks are coarse. */
const BLUR = 0.02

interface Process {
  parent: number
  group: number
  /** Seconds since the system started. */
  started: number
}

/**
 * Pids of the group's processes, its leader left out, that were started in the last `ms` milliseconds, or by a process that was.
 * Undefined where the system does not tell.
 */
export function startedWithin(ms: number, leader: number): number[] | undefined {
  try {
    const since = Number(readFileSync('/proc/uptime', 'utf8').split(' ')[0]) - ms / 1000 - BLUR
    const members = membersOf(leader)
    return [...members.keys()].filter((pid) => firstOf(pid, members).started >= since)
  } catch (error) {
    if (Error.isError(error) && 'code' in error) return undefined
    throw error
  }
}

function membersOf(leader: number): Map<number, Process> {
  const members = new Map<number, Process>()
  for (const name of readdirSync('/proc')) {
    const pid = Number(name)
    const found = Number.isInteger(pid) && pid !== leader ? processOf(pid) : undefined
    if (found?.group === leader) members.set(pid, found)
  }
  return members
}

function processOf(pid: number): Process | undefined {
  let stat
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
  } catch {
    // It ended meanwhile.
    return undefined
  }
  // Its name, in parentheses, may hold anything.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const [, parent, group] = fields
  return { parent: Number(parent), group: Number(group), started: Number(fields[19]) / TICKS }
}

/** The process that code of the runtime started, from which this one came. */
function firstOf(pid: number, members: ReadonlyMap<number, Process>): Process {
  let first = members.get(pid)!
  for (let above = members.get(first.parent); above; above = members.get(above.parent)) {
    first = above
  }
  return first
}
