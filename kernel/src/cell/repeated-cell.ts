// The body of `%%timeit` as a loop that is measured: the head takes the magic's line, so that all
// lines of the body keep their numbers and columns.
import { codeLine, formOf } from './code-line.ts'
import type { CodeFlag } from './code-line.ts'

export interface RepeatedCell {
  head: string
  tail: string
}

/** @param line - Flags, then code that runs once before the loop. */
export function repeatedCell(body: string, line: string, flags: readonly CodeFlag[]): RepeatedCell {
  const { options, start, end } = codeLine(line, flags)
  const setup = line.slice(start, end)
  const mark = formOf(body).startsWith('async') ? 'async ' : ''
  const loop = `__jupyterpost.measure("timeit", ${JSON.stringify(options)}, ${mark}() => {`
  if (setup === '') return { head: `await ${loop}`, tail: '})' }
  return { head: `await (async () => {${setup};return ${loop}`, tail: '})})()' }
}
