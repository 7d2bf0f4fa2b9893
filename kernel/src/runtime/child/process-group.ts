// Finds by their age the processes of the runtime's group that the running cell started, so that
// those of earlier cells (a server) are spared. This also finds the processes of native code and
// `execSync`, whose pids Node does not tell. Linux only: elsewhere ages are not exact enough.
import { readFileSync, readdirSync } from 'node:fs'

/** `/proc/PID/stat` counts in 1/100 s since boot (proc_pid_stat(5); Linux always shows 100). */
const TICKS = 100
/** A process begun this many seconds before the cell may be the cell's: both clocks are coarse. */
const BLUR = 0.02

interface Process {
  parent: number
  group: number
  /** Seconds since the system started. */
  started: number
}

/**
 * Pids of the group's processes, without its leader, that were started in the last `ms`
 * milliseconds, or by a process that was. Undefined if the system does not tell.
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
  // The name, in parentheses, may contain anything.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const [, parent, group] = fields
  return { parent: Number(parent), group: Number(group), started: Number(fields[19]) / TICKS }
}

/** The process that the runtime's code started and that this one comes from. */
function firstOf(pid: number, members: ReadonlyMap<number, Process>): Process {
  let first = members.get(pid)!
  for (let above = members.get(first.parent); above; above = members.get(above.parent)) {
    first = above
  }
  return first
}
