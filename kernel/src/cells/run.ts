// Runs the text of a cell: as a cell magic, or compiled and evaluated. An error is the cell's
// outcome and is never thrown.
import { parseCellMagic } from '../cell/cell-magic.ts'
import type { CellMagic } from '../cell/cell-magic.ts'
import { CellSyntaxError } from '../cell/compiled.ts'
import type { CompiledCell } from '../cell/compiled.ts'
import { compiler } from '../cell/compiler.ts'
import { parseInspection } from '../cell/inspection.ts'
import type { InspectionCell } from '../cell/inspection.ts'
import { notebookIn, runCellMagic } from '../magics/index.ts'
import type { RunOptions } from '../magics/magic.ts'
import { errorContent } from '../protocol/error-content.ts'
import type { ErrorContent } from '../protocol/mimebundle.ts'
import type { Evaluation, Outcome } from '../runtime/runtime.ts'
import { syntaxErrorContent } from '../runtime/traceback.ts'
import { filenameOf } from './cells.ts'
import type { Cell } from './cells.ts'
import { interpolate, surroundingsFor } from './fill.ts'
import { magicContext, magicSyntax, showHelp } from './magics.ts'
import { showNotice, showOutput } from './outputs.ts'
import { runNotebook } from './run-notebook.ts'
import type { CodeNames } from './run-notebook.ts'
import type { CellServices } from './services.ts'

export async function runCell(cell: Cell, services: CellServices): Promise<Outcome> {
  try {
    const inspection = parseInspection(cell.content.code)
    if (inspection) return await showInspection(inspection, cell, services)
    const magic = parseCellMagic(cell.content.code)
    return await (magic
      ? runMagic(magic, cell, services)
      : runBody(cell, asTyped(cell.content.code), services))
  } catch (error) {
    if (error instanceof CellSyntaxError) return syntaxError(error, cell)
    return cell.interrupt.signal.aborted ? interrupted() : failed(errorContent(error))
  }
}

/** Shows the answer in the front end's pager, as IPython does. */
async function showInspection(
  { name, detailLevel }: InspectionCell,
  cell: Cell,
  services: CellServices,
): Promise<Outcome> {
  const data = await services.language.inspect(name, name.length, detailLevel)
  if (data) cell.payload.push({ source: 'page', data, start: 0 })
  else if (!cell.content.silent) showNotice(services, cell.request, `\`${name}\` is not defined.`)
  return { status: 'ok' }
}

export async function evaluateExpression(
  expression: string,
  cell: Cell,
  { runtime }: CellServices,
): Promise<Evaluation> {
  const { compileExpression } = await compiler()
  return runtime.evaluate(compileExpression(expression, { filename: filenameOf(cell) }), cell.id)
}

/** @throws {CellSyntaxError} if the body does not parse; then nothing was run. */
async function runBody(
  cell: Cell,
  whole: Body,
  services: CellServices,
  // Errors show the cell as typed, with the line of its magic.
  names: CodeNames = { filename: filenameOf(cell), source: cell.content.code },
): Promise<Outcome> {
  const notebook = notebookIn(whole.body)
  if (notebook !== undefined) {
    return runNotebook(notebook, cell, services, {
      code: (source, part) => runBody(cell, asTyped(source), services, part),
      magic: (magic) => runMagic(magic, cell, services),
    })
  }
  return names.title === undefined
    ? runCode(cell, whole, services, names)
    : runPart(cell, whole.body, services, names)
}

async function runCode(
  cell: Cell,
  { body, typed, leavesNames }: Body,
  services: CellServices,
  names: CodeNames,
): Promise<Outcome> {
  const { silent } = cell.content
  const compiled = await compiledAs(cell, body, services, names)
  const isTimed = cell.timed === true
  cell.timed = false
  const refused = await services.types.refusal(cell, typed)
  if (refused) return refused
  if (cell.interrupt.signal.aborted) return interrupted()
  if (leavesNames) cell.code = typed
  const outcome = execute(cell, compiled, services, { silent, timed: isTimed })
  services.types.begin(cell, typed)
  return outcome
}

/** A cell of another notebook: its value is not that of this cell, and its types are its own. */
async function runPart(
  cell: Cell,
  body: string,
  services: CellServices,
  names: CodeNames,
): Promise<Outcome> {
  const compiled = await compiledAs(cell, body, services, names)
  cell.code = `${cell.code ?? ''}\n${body}`
  return execute(cell, compiled, services, { silent: true, timed: false })
}

async function compiledAs(
  cell: Cell,
  body: string,
  services: CellServices,
  { filename, ...names }: CodeNames,
): Promise<CompiledCell> {
  const options = { filename, magics: magicSyntax(services.magics) }
  const { compileSafely } = await compiler()
  const compiled = await compileSafely(body, options, cell.interrupt.signal)
  const named = { ...compiled, ...names }
  cell.compiled = named
  return named
}

function execute(
  { content, executionCount, id }: Cell,
  compiled: CompiledCell,
  { runtime }: CellServices,
  how: { silent: boolean; timed: boolean },
): Promise<Outcome> {
  return runtime.execute(compiled, id, {
    ...how,
    allowStdin: content.allow_stdin,
    executionCount,
    storeHistory: content.store_history,
  })
}

/** What is compiled. */
interface Body {
  body: string
  /** The code in it that a person typed, with the lines of the cell. */
  typed: string
  /** Whether its declarations are the notebook's. */
  leavesNames: boolean
}

function asTyped(body: string): Body {
  return { body, typed: body, leavesNames: true }
}

/**
 * A body that does not parse fails as it would without the magic; the magic goes on. The body may
 * begin with a magic itself: `%%time` above `%%post`, or below it.
 */
async function bodyOutcome(cell: Cell, body: Body, services: CellServices): Promise<Outcome> {
  try {
    const magic = parseCellMagic(body.body)
    return await (magic ? runMagic(magic, cell, services) : runBody(cell, body, services))
  } catch (error) {
    if (error instanceof CellSyntaxError) return syntaxError(error, cell)
    throw error
  }
}

interface BodyToRun {
  /** What stands above the magic, as blank lines. */
  lines: string
  text: string
  options: RunOptions | undefined
}

async function runAs(
  cell: Cell,
  { lines, text, options }: BodyToRun,
  services: CellServices,
): Promise<Outcome> {
  switch (options?.how) {
    case 'repeated': {
      const { repeatedCell } = await compiler()
      const { head, tail } = repeatedCell(text, options.line, options.flags)
      const body = `${lines}${head}\n${text}\n${tail}`
      return bodyOutcome(cell, { body, typed: `${lines}\n${text}`, leavesNames: false }, services)
    }
    case 'used': {
      const use = JSON.stringify({ ...options.use, body: text })
      const body = `${lines}__jupyterpost.useMagic(${use})`
      return bodyOutcome(cell, { body, typed: '', leavesNames: false }, services)
    }
    case 'timed':
      return timed(cell, `${lines}\n${text}`, services)
    case undefined:
      return bodyOutcome(cell, asTyped(`${lines}\n${text}`), services)
  }
}

/** What is not code, such as a script, is measured here. */
async function timed(cell: Cell, body: string, services: CellServices): Promise<Outcome> {
  cell.timed = true
  const started = performance.now()
  const outcome = await bodyOutcome(cell, asTyped(body), services)
  if (cell.timed) {
    cell.timed = false
    const text = `Wall time: ${((performance.now() - started) / 1000).toPrecision(3)} s\n`
    showOutput({ type: 'stream', cellId: cell.id, name: 'stdout', text }, services)
  }
  return outcome
}

async function runMagic(magic: CellMagic, cell: Cell, services: CellServices): Promise<Outcome> {
  const { name, line, body, lineNumber } = magic
  if (line === '?') {
    showHelp(`%%${name}`, cell, services)
    return { status: 'ok' }
  }
  return runCellMagic(services.magics, name, line, {
    ...magicContext(cell, services),
    body,
    async run(text, options) {
      // Blank lines take the place of the magic's, so that errors have the line numbers of the cell
      // as typed.
      const lines = '\n'.repeat(lineNumber - 1)
      const outcome = await runAs(cell, { lines, text, options }, services)
      services.recorder.finish(cell.id, outcome)
      return outcome
    },
    onOutput: (listener) => services.recorder.onOutput(cell.id, listener),
    interpolate: (text) => interpolate(text, cell, services),
    surroundings: () => surroundingsFor(cell, services),
    display: (data) => {
      const content = { data, metadata: {} }
      showOutput({ type: 'display_data', cellId: cell.id, content }, services)
    },
  })
}

function syntaxError(error: CellSyntaxError, cell: Cell): Outcome {
  return failed(syntaxErrorContent(error, `In [${cell.executionCount}]`, cell.content.code))
}

function failed(error: ErrorContent): Outcome {
  return { status: 'error', error, interrupted: false }
}

function interrupted(): Outcome {
  const ename = 'KeyboardInterrupt'
  const evalue = 'the cell was interrupted'
  const error = { ename, evalue, traceback: [`${ename}: ${evalue}`] }
  return { status: 'error', error, interrupted: true }
}
