// The language servers that a kernel has started.
import { childrenOf, commandOf } from './process.ts'

/** Pids of those that live. */
export function languageServers(kernel: number): number[] {
  return childrenOf(kernel).filter((pid) => commandOf(pid).includes('--lsp'))
}
