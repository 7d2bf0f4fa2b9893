// V8's stacks as text -> frames; tells the frames of Node and of this kernel apart.
import { URL, fileURLToPath } from 'node:url'

/** Taken before the first cell, which may replace it: this also runs beside user code. */
const { Number } = globalThis

export interface Frame {
  functionName: string
  file: string
  /** 1-based. */
  line: number
  /** 0-based. */
  column: number
}

/** The place in a file that does not parse; Node writes it before the stack. */
export interface FilePlace {
  file: string
  /** 1-based. */
  line: number
  /** The line, and a line of carets below it. */
  code: string
}

/** The frames of a V8 stack, `    at [async ]name (file:line:column)` or without a name. */
export function parseStack(stack: string): Frame[] {
  const frames: Frame[] = []
  for (const text of stack.split('\n')) {
    const [, frame = ''] = /^\s+at (.*)$/.exec(text) ?? []
    const [end, line, column] = /:(\d+):(\d+)\)?$/.exec(frame) ?? []
    if (end === undefined) continue
    const place = frame.slice(0, -end.length)
    const open = place.indexOf(' (')
    const functionName = open === -1 ? '' : place.slice(0, open)
    const file = place.slice(open === -1 ? 0 : open + 2).replace(/^async /, '')
    if (file === '') continue
    frames.push({
      functionName: functionName
        .replace(/^async /, '')
        .replace(/^(?:Object|globalThis|global)\./, ''),
      file: pathOf(file),
      line: Number(line),
      column: Number(column) - 1,
    })
  }
  return frames
}

/** A file URL as a path; any other name as it is. */
export function pathOf(file: string): string {
  if (!file.startsWith('file:')) return file
  try {
    return fileURLToPath(file)
  } catch {
    // TypeError: V8 has cut it short, or user code wrote it.
    return file.slice(file.startsWith('file://') ? 'file://'.length : 0)
  }
}

/** `file:line`, the code, carets, then the stack. */
export function placeBefore(stack: string): FilePlace | undefined {
  const match = /^((?:file:\/\/)?\/.*):(\d+)\n(.*\n[ \t]*\^+)\n/.exec(stack)
  if (!match) return undefined
  const [, file = '', line, code = ''] = match
  return { file: pathOf(file), line: Number(line), code }
}

export function isInternal({ file }: Frame): boolean {
  return file.startsWith('node:') || file === '<anonymous>'
}

const OWN = fileURLToPath(new URL('../../../', import.meta.url))
const SOURCES = [`${OWN}kernel/src/`, `${OWN}kernel/src/`.replace('/dist/', '/'), `${OWN}post/`]

/** Files of this kernel, and the script by which it enters a cell. */
export function isOwnFile(file: string): boolean {
  const path = pathOf(file)
  return file.startsWith('evalmachine') || SOURCES.some((folder) => path.startsWith(folder))
}
