// How much memory and processor time a child process uses. Only Linux tells.
import { readFileSync } from 'node:fs'

const PAGE_BYTES = 4096
/** In `/proc`, Linux counts processor time in hundredths of a second. */
const TICK_MS = 10

/** Resident memory in MiB; 0 if the system does not tell. Then only the heap limit is left. */
export function megabytesOf(pid: number | undefined): number {
  const [, pages] = readProc(pid, 'statm').split(' ')
  return (Number(pages ?? 0) * PAGE_BYTES) / 1024 / 1024
}

/** Processor time of all its threads in ms; undefined if the system does not tell. */
export function processorMsOf(pid: number | undefined): number | undefined {
  // The second field is the name of the program, in brackets. It may contain blanks.
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
    return '' // ENOENT, ESRCH: the process has just ended; `exit` will report it
  }
}
