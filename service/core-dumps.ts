// If a process dies by a signal, the system may write its memory to a file: the bot's token, and
// what people post. Node cannot set a resource limit, but on Linux a process can say which of its
// memory such a file gets: here none, in its children neither.
import { writeFileSync } from 'node:fs'

import { codeOf } from '../post/contract/error.ts'

/** core(5), "Controlling which mappings are written to the core dump". */
const FILTER = '/proc/self/coredump_filter'

/** @returns Why the system may still write them; undefined if it does not. */
export function withholdMemory(platform = process.platform): string | undefined {
  if (platform !== 'linux')
    return 'this system may write core dumps with tokens and posts; ulimit -c 0 forbids it'
  try {
    writeFileSync(FILTER, '0')
    return undefined
  } catch (error) {
    return `core dumps may contain tokens and posts (${codeOf(error) ?? 'unknown error'})`
  }
}
