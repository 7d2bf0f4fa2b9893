// `err.stack` as a person reads it: positions of cells as typed, positions of imported TypeScript
// by its source maps, no frames of this kernel. The kernel process knows the cells' maps; it is
// asked once for each position, when a stack is first looked at.
import { findSourceMap } from 'node:module'
import process from 'node:process'
import { types } from 'node:util'
import type { Place } from '../link.ts'
import { Error, Map, Reflect, String, WeakMap, listOf, uncurry } from '../../api/primordials.ts'
import { isOwnFile, parseStack, pathOf } from '../stack-frames.ts'

/** The places as typed, in order; undefined for a place outside cells. */
export type AskPlaces = (places: Place[]) => Array<Place | undefined>

const errorPrototype: Written = Error.prototype
const errorToString = uncurry(errorPrototype, 'toString')

export class StackTraces {
  readonly #ask: AskPlaces
  readonly #importer: string
  readonly #hidden = new Map<string, boolean>()
  readonly #known = new Map<string, Place | undefined>()
  #isAsking = false

  /** @param importer - The script that imports in the name of cells. */
  constructor(ask: AskPlaces, importer: string) {
    this.#ask = ask
    this.#importer = importer
  }

  install(): void {
    // Node's default of 10 often ends inside a library; the traceback shows few of these frames.
    Error.stackTraceLimit = 30
    Error.prepareStackTrace = (error: unknown, sites: NodeJS.CallSite[]) => {
      const frames = listOf(sites)
      const head = headOf(error)
      const shown = [head, ...this.#shownLines(frames)].join(NEXT)
      // An error may have more than one stack: `fetch` captures its own anew.
      if (typeof error === 'object' && error !== null) {
        const raw = () => this.#rawStackOf(head, frames)
        made.set(error, [{ shown, raw }, ...(made.get(error) ?? []).slice(0, 3)])
      }
      return shown
    }
  }

  #rawStackOf(head: string, all: NodeJS.CallSite[]): string {
    const frames = all.filter((frame) => frame.getFileName() !== this.#importer)
    return [head, ...frames.map((frame) => lineOf(frame, bySourceMap(placeOf(frame))))].join(NEXT)
  }

  #shownLines(all: NodeJS.CallSite[]): string[] {
    const files = all.map((frame) => frame.getFileName() ?? '')
    const lastOfUser = files.findLastIndex(
      (file) => !file.startsWith('node:') && !this.#isHidden(file),
    )
    // Frames below the first code of a cell show how the kernel ran it, Node's frames included.
    const isRunByKernel = files.slice(lastOfUser + 1).some((file) => this.#isHidden(file))
    const frames = isRunByKernel ? all.slice(0, lastOfUser + 1) : all
    const shown = frames.filter((_frame, index) => !this.#isHidden(files[index] ?? ''))
    const places = shown.map(placeOf)
    this.#learn(places)
    return shown.map((frame, index) => {
      const place = places[index]
      const typed = (place && this.#known.get(keyOf(place))) ?? bySourceMap(place) ?? place
      return lineOf(frame, typed && { ...typed, file: pathOf(typed.file) })
    })
  }

  #isHidden(file: string): boolean {
    let hidden = this.#hidden.get(file)
    if (hidden === undefined) {
      hidden = file === this.#importer || isHidden(file)
      this.#hidden.set(file, hidden)
    }
    return hidden
  }

  #learn(places: Array<Place | undefined>): void {
    // Scripts only: modules have URLs.
    const cells = places
      .filter((place) => place !== undefined)
      .filter((place) => !/^(?:node|file):/.test(place.file) && !this.#known.has(keyOf(place)))
    // While one answer is awaited, no other question gets one.
    if (cells.length === 0 || this.#isAsking) return
    this.#isAsking = true
    try {
      const answers = this.#ask(cells)
      if (this.#known.size > KNOWN) this.#known.clear()
      for (const [index, place] of cells.entries()) this.#known.set(keyOf(place), answers[index])
    } finally {
      this.#isAsking = false
    }
  }
}

/** Stacks as people see them, and as V8 made them: the kernel process adds code to the frames. */
const made = new WeakMap<object, Made[]>()

interface Made {
  shown: string
  raw(): string
  /** The frames of the code that led to it. */
  origin?: string
}

function madeOf(error: object, stack: string): Made | undefined {
  return made.get(error)?.find(({ shown }) => stack.endsWith(shown))
}

/** An error's `stack` with V8's positions, if V8 made this stack. */
export function rawStack(error: object, stack: string): string {
  const kept = madeOf(error, stack)
  if (!kept) return stack
  // Node puts the place of a syntax error in front.
  const before = stack.slice(0, stack.length - kept.shown.length)
  return before + kept.raw() + (kept.origin ?? '')
}

/** The error came from the call that `origin` was made for: the frames of `origin` are added. */
export function continueStack(error: unknown, origin: Error): void {
  if (!types.isNativeError(error)) return
  // The stack is made when first looked at.
  const kept = madeOf(error, error.stack ?? '')
  const from = madeOf(origin, origin.stack ?? '')
  if (!kept || !from) return
  const frames = from.raw().split('\n').slice(1)
  // Node's own stack may already lead back to the cell.
  const cell = frames.map(fileOf).find((file) => !isHidden(file))
  if (cell === undefined || kept.raw().includes(`${cell}:`)) return
  kept.origin = frames.map((line) => `\n${line}`).join('')
}

/** How many positions are remembered. */
const KNOWN = 10_000
const NEXT = '\n    at '

function fileOf(line: string): string {
  return parseStack(line)[0]?.file ?? 'evalmachine'
}

/** Frames of this kernel, and those of `vm`, by which it runs a cell. */
function isHidden(file: string): boolean {
  return isOwnFile(file) || file === 'node:vm'
}

function keyOf({ file, line, column }: Place): string {
  return `${file}:${line}:${column}`
}

function placeOf(frame: NodeJS.CallSite): Place | undefined {
  const file: unknown = frame.getFileName()
  const [line, column] = [frame.getLineNumber(), frame.getColumnNumber()]
  return typeof file === 'string' && line !== null && column !== null
    ? { file, line, column }
    : undefined
}

/** A position in TypeScript that was imported. */
function bySourceMap(place: Place | undefined): Place | undefined {
  if (!place?.file.startsWith('file:') || !process.sourceMapsEnabled) return undefined
  const origin = findSourceMap(place.file)?.findOrigin(place.line, place.column)
  return origin && 'fileName' in origin
    ? { file: origin.fileName, line: origin.lineNumber, column: origin.columnNumber }
    : undefined
}

/** As V8 writes it: `async name (file:line:column)`. */
interface Written {
  toString(): string
}

function lineOf(frame: NodeJS.CallSite & Written, shown: Place | undefined): string {
  const text = frame.toString()
  const place = placeOf(frame)
  return place && shown ? text.replace(keyOf(place), () => keyOf(shown)) : text
}

/** As Node writes it: its own errors have their code beside the name. */
function headOf(error: unknown): string {
  try {
    const text: unknown = errorToString(error)
    const code: unknown = types.isNativeError(error)
      ? Reflect.getOwnPropertyDescriptor(error, 'code')?.value
      : undefined
    if (typeof code !== 'string' || !code.startsWith('ERR_') || typeof text !== 'string') {
      return String(text)
    }
    return text.replace(/^[\w.]+(?=: |$)/, (name) => `${name} [${code}]`)
  } catch {
    // Its name or message is a getter that threw.
    return '<error>'
  }
}
