// Why a runtime process ended, in a sentence for the person whose cell ended it.
import { ranOutOfMemory } from './last-words.ts'

export interface Death {
  code: number | null
  signal: NodeJS.Signals | null
  /** The argument of `process.exit`, if it was called. */
  exitCode: number | undefined
  /** The end of stderr. */
  lastWords: string
  /** Bytes; 0 if not known. */
  heapLimit: number
  /** An interrupt could not stop the cell. */
  stuck: boolean
  /** Could not be stopped because `async_hooks.createHook` was active. */
  asyncHooks: boolean
}

const MB = 1024 * 1024

export function explainDeath(death: Death): string {
  const { code, signal, exitCode, lastWords, heapLimit } = death
  if (death.stuck) {
    const why = death.asyncHooks
      ? 'V8 cannot stop asynchronous loops while async_hooks.createHook is active'
      : 'it did not react to signals'
    return `The cell could not be interrupted (${why}), so its process was ended.`
  }
  if (exitCode === undefined && ranOutOfMemory(lastWords)) {
    const limit = heapLimit > 0 ? ` of ${Math.round(heapLimit / MB)} MB` : ''
    const more = Math.max(8192, Math.round((heapLimit * 2) / MB))
    return (
      `The process ran out of memory: it reached the heap limit${limit}. ` +
      `To raise it, start Jupyter with NODE_OPTIONS=--max-old-space-size=${more} or put that flag after node ` +
      `in the argv of kernel.json, or keep less in memory at once.`
    )
  }
  if (exitCode !== undefined && signal === null) return `process.exit(${exitCode}) was called.`
  if (signal === 'SIGKILL')
    return 'The process was killed (SIGKILL), maybe because the machine ran out of memory.'
  if (signal !== null) return `The process crashed or was ended by signal ${signal}.`
  const words = lastWords.trim().split('\n').slice(-3).join('\n')
  return `The process ended with code ${code ?? 'unknown'}${words && `: ${words.replace(/\.$/, '')}`}.`
}
