// What a magic is. Each has a file, a row in a table and a test, and runs in the kernel process.
import type { Parsed } from '../../../post/arguments/parser.ts'
import type { Flag } from '../../../post/contract/flags.ts'
import type { CellOutputs } from '../capture/outputs.ts'
import type { MimeBundle } from '../protocol/mimebundle.ts'
import type { MagicAction, MagicUse, Outcome } from '../runtime/runtime.ts'

/** The cell that a magic is in. */
export interface MagicContext {
  cellId: string
  /** As typed. */
  source: string
  executionCount: number
  /** The cell's outputs so far. */
  outputs: CellOutputs
  /** The outputs of the last finished, non-silent cell. */
  previous: CellOutputs | undefined
  /** Aborted when the person interrupts the cell. */
  signal: AbortSignal
  /** Shows a line by the kernel, which is not a part of the cell's output: never captured. */
  notice(text: string, markdown?: string): void
  /** Shows text as the cell's own output: recorded, captured and limited like it. */
  stream(name: 'stdout' | 'stderr', text: string): void
}

/** The folder and environment of programs that the notebook starts. */
export interface Surroundings {
  folder: string
  env: NodeJS.ProcessEnv
}

/** One line of the history. */
export interface TypedLine {
  session: number
  line: number
  source: string
  /** text/plain of its result; null if it showed none. */
  output: string | null
}

/** What was typed; all results are oldest first. */
export interface TypedLines {
  /** @param session - 0 is this one, -1 the one before; `stop` is exclusive. */
  range(session: number, start: number, stop: number | undefined): TypedLine[]
  /** @param pattern - A glob: `*`, `?`, `[...]`. */
  search(pattern: string, n: number | undefined, unique: boolean): TypedLine[]
}

export interface LineMagicContext extends MagicContext {
  /** As cells have set them with `process.chdir()` and `process.env`. */
  surroundings: Surroundings
  /** Only comments, imports and types come before it in the cell. */
  first: boolean
  history: TypedLines
  /** Offers a text to the person: as a new cell below this one, or in place of this one. */
  setNextInput(text: string, replace: boolean): void
  /**
   * A line by the kernel that changes while something is under way: each call shows a text in place
   * of the one before. It is never captured.
   */
  changingLine(): (text: string) => void
}

/** What magics know of the notebook, whatever cell they are in. */
export interface Notebook {
  /** Where imports of cells resolve, whatever folder the cells have changed to. */
  folder: string
  /**
   * Tells the language service that packages came, changed or went.
   *
   * @param project - Its folder.
   */
  packagesChanged(project: string): void
}

export interface CellMagicContext extends MagicContext {
  /** The cell without the magic's line. */
  body: string
  /**
   * Runs a body as the cell, with live outputs, the same reply and the same `Out`. Call it at most
   * once.
   */
  run(body: string, options?: RunOptions): Promise<Outcome>
  /**
   * Calls `listener` after each output of the cell, also after its end. Returns a function that
   * stops that.
   */
  onOutput(listener: () => void): () => void
  /** Fills in `${expr}` of a text as a line magic does, in the notebook's scope. */
  interpolate(text: string): Promise<string>
  surroundings(): Promise<Surroundings>
  /** Shows a mimebundle as the cell's own output. */
  display(data: MimeBundle): void
}

export interface MagicLine {
  /** `%post [flags] TARGET [MESSAGE]` */
  usage: string
  flags: readonly Flag[]
  /** Flags come before this many words; the rest of the line is one more word, as typed. */
  words: number
  /** For a magic without MESSAGE: flags may also follow the words. */
  flagsAnywhere?: boolean
  /** The whole line is one word: its dashes and quotes are meant for another program. */
  asTyped?: boolean
  /** As the last line of a cell, it gives the cell's value. */
  hasValue?: boolean
  /** @param args - The last word is the rest of the line, if the magic takes a rest. */
  run(args: Parsed, context: LineMagicContext): Promise<MagicAction | void>
}

/** After its flags, the line is code, which the cell runs in its place: `%timeit f(x)`. */
export interface CodeOfLine {
  usage: string
  flags: readonly Flag[]
  isCode: true
}

/** How the body of a cell runs, if not as it stands. */
export type RunOptions =
  /** Prints how long it took. */
  | { how: 'timed' }
  /** Prints how long each run takes. @param line - Flags, then code that runs before. */
  | { how: 'repeated'; line: string; flags: readonly Flag[] }
  /** Is given to the function of a magic that the notebook made. */
  | { how: 'used'; use: Omit<MagicUse, 'body'> }

export interface Magic {
  name: string
  /** First line of its help. */
  summary: string
  line?: MagicLine | CodeOfLine
  cell?: {
    usage: string
    flags: readonly Flag[]
    words: number
    /** As of a line. */
    asTyped?: boolean
    /** Flags come before the words only. */
    flagsFirst?: boolean
    /** Returns the outcome for the cell's reply. If it throws, that is the cell's error. */
    run(args: Parsed, context: CellMagicContext): Promise<Outcome>
  }
  /** Completes the text from after the magic's name to the cursor; without it, flags are. */
  complete?(text: string, kind: 'line' | 'cell'): Promise<string[]>
}

/** By name. */
export type MagicTable = ReadonlyMap<string, Magic>
