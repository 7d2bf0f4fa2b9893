// What the operating system knows about a process (Linux: from /proc).
import { readFileSync } from 'node:fs'

/**
 * Bytes that a process uses now, the most that it ever used, and those of `now` that are its own:
 * its data, also where the system has put it aside, without the files that it has mapped, which the
 * system drops and loads as it likes.
 */
export function memoryOf(pid: number): { now: number; peak: number; own: number } {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  const bytes = (name: string) =>
    Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1] ?? 0) * 1024
  return {
    now: bytes('VmRSS'),
    peak: bytes('VmHWM'),
    own: bytes('RssAnon') + bytes('VmSwap'),
  }
}

/** Pids of its live child processes. */
export function childrenOf(pid: number): number[] {
  const list = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim()
  return list === '' ? [] : list.split(' ').map(Number)
}

/** What it was started by, its words with NUL between them. */
export function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'latin1')
  } catch (error) {
    // ENOENT, ESRCH: it ended meanwhile.
    if (Error.isError(error)) return ''
    throw error
  }
}
