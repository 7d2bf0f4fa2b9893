// Adds the step that helps to an error of a cell. User code that catches the error still sees the
// words of Node and V8.
import { commandOf, shellHint } from '../cell/shell-habit.ts'
import type { ThrownError } from './link.ts'
import type { CellsByFilename, NumberedCell } from './numbered-cell.ts'
import { parseStack } from './stack-frames.ts'

const NOT_DEFINED = /^(\S+) is not defined$/
/** Node's words for a missing package, from `import` and from `require`. */
const NO_PACKAGE = /^Cannot find package '([^']+)' imported from (.+)$/
const NO_MODULE = /^Cannot find module '([^'./][^']*)'\nRequire stack:\n- ([^\n]+)/
/** A package found no window, and asked `undefined` for what a document has. */
const NO_DOCUMENT =
  /^Cannot read properties of (?:undefined|null) \(reading '(?:body|createElement|createElementNS|createTextNode|document|documentElement|head|querySelector)'\)$/
/** Node's code that loads a module. */
const LOADER = 'node:internal/modules/'
const IS_NOT_FOUND = /\bcode: '(?:ERR_)?MODULE_NOT_FOUND'/
/** What npm accepts as a name. */
const PACKAGE_NAME = /^(?:@[\w.~-]+\/)?[\w.~-]+$/

/** The error with words that help, or the error itself if we know none. */
export function helpful(error: ThrownError, cells: CellsByFilename): ThrownError {
  return missingPackage(error) ?? missingDocument(error, cells) ?? command(error, cells) ?? error
}

function missingPackage(error: ThrownError): ThrownError | undefined {
  if (!IS_NOT_FOUND.test(error.properties)) return undefined
  const [, specifier, importer = ''] =
    NO_PACKAGE.exec(error.message) ?? NO_MODULE.exec(error.message) ?? []
  if (specifier === undefined) return undefined
  const name = specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/')
  if (!PACKAGE_NAME.test(name)) return undefined
  // The notebook itself is not a file.
  const where = /[/\\]notebook\.ts$/.test(importer) ? '' : `, which ${importer} imports`
  const message = `Cannot find package '${name}'${where}. Install it with \`%npm add ${name}\``
  return { ...error, message, properties: '' }
}

/**
 * A package that looks for a browser's `document`. Some take it as an option, so that nothing
 * needs to be global.
 */
function missingDocument(error: ThrownError, cells: CellsByFilename): ThrownError | undefined {
  const [, name] = NOT_DEFINED.exec(error.message) ?? []
  const isMissing = name === 'document' || name === 'window' || NO_DOCUMENT.test(error.message)
  if (!isMissing) return undefined
  const frames = parseStack(error.stack)
  const [top] = frames
  if (!top?.file.includes('/node_modules/')) return undefined
  const caller = frames.find(({ file }) => cells.has(file) || file.startsWith(LOADER))
  const isPlot = top.file.includes('/@observablehq/plot/')
  const step = isPlot
    ? 'Pass it one: `Plot.plot({ document, … })`'
    : caller && cells.has(caller.file)
      ? 'Make it global in a cell before this one: `%dom on`'
      : 'The package needs it while it is loaded: restart the kernel, and make it global before the import: `%dom on`'
  return { ...error, message: `${error.message}. ${step}` }
}

/** `!ls` is the negation of an undefined name. */
function command(error: ThrownError, cells: CellsByFilename): ThrownError | undefined {
  const name = NOT_DEFINED.exec(error.message)?.[1]
  const place = name === undefined ? undefined : firstPlace(error, cells)
  if (name === undefined || !place) return undefined
  const line = place.cell.source.split(/\r\n|[\n\r\u2028\u2029]/)[place.line - 1] ?? ''
  const typed = commandOf(line)
  if (typed === undefined || /^[\w$]+/.exec(typed)?.[0] !== name) return undefined
  return { ...error, message: `${error.message}. ${shellHint(typed)}` }
}

/** Names the line that JavaScript joined with the one before, in the cell that failed. */
export function joinedLineHint(error: ThrownError, cells: CellsByFilename): string | undefined {
  const place = firstPlace(error, cells)
  const joined = place?.cell.joinedLine(place.line)
  if (!joined) return undefined
  const { mark, line, before } = joined
  const shown = mark === '`' ? 'a backtick' : `\`${mark}\``
  return `Line ${line} begins with ${shown}, so JavaScript reads it as the rest of line ${before}, which has no semicolon. If it is a statement of its own, put a semicolon at the end of line ${before}.`
}

/** The place of the topmost frame that is in a cell. */
function firstPlace(
  { stack }: ThrownError,
  cells: CellsByFilename,
): { cell: NumberedCell['cell']; line: number } | undefined {
  for (const { file, line, column } of parseStack(stack)) {
    const cell = cells.get(file)?.cell
    const position = cell?.originalPosition(line, column)
    if (cell && position) return { cell, line: position.line }
  }
  return undefined
}
