// What a process of ours uses, as Linux tells it; other systems do not.
import { readFileSync } from 'node:fs'

const PAGE_BYTES = 4096
/** Linux counts in hundredths of a second for whoever reads `/proc`. */
const TICK_MS = 10

/** Resident memory in MiB; 0 where the system does not tell, where the heap limit is what remains. */
export function megabytesOf(pid: number | undefined): number {
  const [, pages] = readProc(pid, 'statm').split(' ')
  return (Number(pages ?? 0) * PAGE_BYTES) / 1024 / 1024
}

/** Processor time of all its threads in ms; undefined where the system does not tell. */
export function processorMsOf(pid: number | undefined): number | undefined {
  // The second field is the name of the program in brackets, which may hold blanks.
  const [user, system] = readProc(pid, 'stat').split(') ').at(-1)?.split(' ').slice(11, 13) ?? []
  return user === undefined || system === undefined
    ? undefined
    : (Number(user) + Number(system)) * TICK_MS
}

function readProc(pid: number | undefined, name: string): string {
  if (pid === undefined || process.platform !== 'linux') return ''
  try {
    return readFileSync(`/proc/${pid}/${name}`, 'utf8')
  } catch {
    return '' // ENOENT, ESRCH: it has just ended, which `exit` tells
  }
}
