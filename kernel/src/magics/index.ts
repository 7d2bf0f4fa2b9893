// The table of magics, one row for each, and how a line becomes a call, which is the same for all.
import type { Outcome } from '../runtime/runtime.ts'
import { parseCellArguments, parseLineArguments, parseWholeLine } from './arguments.ts'
import { autoreloadMagic } from './autoreload.ts'
import { bashMagic } from './bash.ts'
import { cdMagic } from './cd.ts'
import { displayedMagics } from './displayed.ts'
import { domMagic } from './dom.ts'
import { envMagic } from './env.ts'
import { historyMagic } from './history.ts'
import { loadMagic } from './load.ts'
import { lsmagic } from './lsmagic.ts'
import { nearestNames } from '../../../post/contract/nearest.ts'
import { npmMagic } from './npm/npm.ts'
import { overviewMagic } from './overview.ts'
import type { Parsed } from '../../../post/arguments/parser.ts'
import { pwdMagic } from './pwd.ts'
import { recallMagic } from './recall.ts'
import type {
  CellMagicContext,
  LineMagicContext,
  Magic,
  MagicLine,
  MagicTable,
  Notebook,
  Surroundings,
} from './magic.ts'
import type { MagicAction } from '../runtime/runtime.ts'
import { timeMagic } from './time.ts'
import { timeitMagic } from './timeit.ts'
import { typesMagic } from './types.ts'
import type { TypesSetting } from './types.ts'
import { UsageError } from '../../../post/arguments/usage-error.ts'
import { shellMagic } from './sh.ts'
import { resetMagic } from './reset.ts'
import { runFileMagic } from './run-file.ts'
import { whoMagics } from './who.ts'
import { writeFileMagic } from './write-file.ts'

export { RegisteredMagics } from './registered.ts'
export { filesLike } from './files.ts'
export { typesSetting } from './types.ts'
export type { TypesSetting } from './types.ts'
export { magicHelp } from './help.ts'
export { notebookIn, readNotebook } from './notebook-file.ts'
export type { NotebookCell } from './notebook-file.ts'
export { completeMagic, inspectMagic } from './magic-typing.ts'

const OWN: Surroundings = { folder: process.cwd(), env: process.env }
const HERE: Notebook = { folder: process.cwd(), packagesChanged: () => undefined }

/**
 * @param rows - Magics of other rooms, such as those that post.
 * @param surroundings - For completion: as the last magic found them.
 * @param types - What `%types` sets.
 */
export function magicTable(
  rows: readonly Magic[],
  surroundings: () => Surroundings = () => OWN,
  notebook: Notebook = HERE,
  types: TypesSetting = { mode: 'warn', isAvailable: true },
): Map<string, Magic> {
  const all = () => [...table.values()]
  // As the documentation and `%lsmagic` list them.
  const magics: Magic[] = [
    ...rows,
    npmMagic(notebook),
    typesMagic(types),
    timeMagic(),
    timeitMagic(),
    ...whoMagics(),
    resetMagic(),
    runFileMagic(surroundings),
    autoreloadMagic(),
    loadMagic(surroundings),
    writeFileMagic(surroundings),
    cdMagic(surroundings),
    pwdMagic(),
    envMagic(surroundings),
    shellMagic(surroundings, notebook),
    bashMagic(),
    historyMagic(),
    recallMagic(),
    domMagic(),
    ...displayedMagics(),
    lsmagic(all),
    overviewMagic(all),
  ]
  const table = new Map(magics.map((magic) => [magic.name, magic]))
  return table
}

/**
 * A line as the compiler found it, with the values of its `${}` parts as text: one less than there
 * are pieces.
 */
export interface FilledLine {
  name: string
  pieces: readonly string[]
  values: readonly string[]
}

/**
 * Runs a line magic. Values are filled in after the words and flags are read, so that a value never
 * becomes a flag or a target.
 *
 * @throws {UsageError} for a mistake in the line; then nothing was run.
 */
export async function runLineMagic(
  table: MagicTable,
  { name, pieces, values }: FilledLine,
  context: LineMagicContext,
): Promise<MagicAction | void> {
  const line = find(table, name, 'line')
  if ('isCode' in line) throw new Error(`%${name} was not compiled`)
  const marked = pieces.reduce((text, piece, i) => `${text}${marker(i - 1)}${piece}`)
  const parsed = parsedLine(line, marked)
  const rest = parsed.words.length > line.words ? parsed.words.length - 1 : -1
  const words = parsed.words.map((word, i) => {
    if (i === rest)
      return word.replaceAll(MARKER, (_, index: string) => values[Number(index)] ?? '')
    refuseMarker(word)
    return word
  })
  for (const flag of parsed.flags.values()) flag.forEach(refuseMarker)
  return withUsage(line.usage, () => line.run({ flags: parsed.flags, words }, context))
}

/** @throws {UsageError} with the words as typed, without the markers that stand for values. */
function parsedLine(line: MagicLine, marked: string): Parsed {
  try {
    return parserOf(line)(marked, line)
  } catch (error) {
    if (!(error instanceof UsageError)) throw error
    throw new UsageError(error.message.replaceAll(MARKER, '${...}'), { cause: error })
  }
}

/**
 * @param line - The rest of the magic's line, as typed.
 * @throws {UsageError} for a mistake in it; then nothing was run.
 */
export async function runCellMagic(
  table: MagicTable,
  name: string,
  line: string,
  context: CellMagicContext,
): Promise<Outcome> {
  const cell = find(table, name, 'cell')
  return withUsage(cell.usage, () => cell.run(parserOfCell(cell)(line, cell), context))
}

/** Adds the usage to a mistake that the magic itself finds. */
async function withUsage<T>(usage: string, run: () => Promise<T>): Promise<T> {
  try {
    return await run()
  } catch (error) {
    if (!(error instanceof UsageError) || error.message.includes('Usage:')) throw error
    throw new UsageError(`${error.message}\nUsage: ${usage}`, { cause: error })
  }
}

function parserOf(line: MagicLine) {
  if (line.asTyped === true) return parseWholeLine
  return line.flagsAnywhere === true ? parseCellArguments : parseLineArguments
}

function parserOfCell({ asTyped, flagsFirst }: NonNullable<Magic['cell']>) {
  if (asTyped === true) return parseWholeLine
  return flagsFirst === true ? parseLineArguments : parseCellArguments
}

function find<K extends 'line' | 'cell'>(table: MagicTable, name: string, kind: K) {
  const magic = table.get(name)
  const prefix = kind === 'line' ? '%' : '%%'
  const found = magic?.[kind]
  if (found !== undefined) return found
  throw new UsageError(
    `There is no magic ${prefix}${name}${others(table, name, kind)}. %lsmagic lists them all`,
  )
}

/** What was probably meant. */
function others(table: MagicTable, name: string, kind: 'line' | 'cell'): string {
  if (table.has(name)) return kind === 'line' ? `; there is %%${name}` : `; there is %${name}`
  const names = [...table.values()].filter((magic) => magic[kind]).map((magic) => magic.name)
  const nearest = nearestNames(name, names)
  const prefix = kind === 'line' ? '%' : '%%'
  return nearest.length === 0
    ? ''
    : `; near it are ${nearest.map((one) => prefix + one).join(', ')}`
}

// Stands for a value while words are read: nobody types NUL, and it contains no blank.
const MARKER = /\0(\d+)\0/g

function marker(index: number): string {
  return `\0${index}\0`
}

function refuseMarker(word: string): void {
  if (word.includes('\0')) {
    throw new UsageError('${...} is filled in only in MESSAGE, not in TARGET or flags')
  }
}
