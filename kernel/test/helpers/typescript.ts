// The language servers that a kernel has started.
import { readFileSync } from 'node:fs'
import { childrenOf } from './process.ts'

/** Pids of those that live. */
export function languageServers(kernel: number): number[] {
  return childrenOf(kernel).filter((pid) => commandOf(pid).includes('--lsp'))
}

function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'latin1')
  } catch (error) {
    // ENOENT, ESRCH: it ended meanwhile.
    if (Error.isError(error)) return ''
    throw error
  }
}
