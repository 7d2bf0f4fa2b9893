// What a magic is: one file, one row in `magics/index.ts`, one test. Magics run in the kernel process.
import type { Parsed } from '../../../post/arguments/parser.ts'
import type { Flag } from '../../../post/contract/flags.ts'
import type { CellOutputs } from '../capture/outputs.ts'
import type { Outcome } from '../runtime/runtime.ts'

/** The cell a magic stands in. */
export interface MagicContext {
  cellId: string
  /** As typed. */
  source: string
  executionCount: number
  /** What the cell showed so far. */
  outputs: CellOutputs
  /** What the last finished, non-silent cell showed. */
  previous: CellOutputs | undefined
  /** Aborted when the person interrupts the cell. */
  signal: AbortSignal
  /** Shows a line that belongs to the kernel, not to the cell: never captured. */
  notice(text: string, markdown?: string): void
  /** Shows text as the cell's own: recorded, captured and limited like it. */
  stream(name: 'stdout' | 'stderr', text: string): void
}

/** What programs find around them that the notebook starts. */
export interface Surroundings {
  folder: string
  env: NodeJS.ProcessEnv
}

export interface LineMagicContext extends MagicContext {
  /** As cells left them: `process.chdir()`, `process.env`. */
  surroundings: Surroundings
  /** Nothing but comments, imports and types comes before it in the cell. */
  first: boolean
}

export interface CellMagicContext extends MagicContext {
  /** The cell without the magic's line. */
  body: string
  /** Runs a body as the cell: live outputs, same reply, same `Out`. Call it once at most. */
  run(body: string): Promise<Outcome>
  /** Calls back at each output of the cell, also after its end. Returns the function that ends it. */
  onOutput(listener: () => void): () => void
  /** Fills in `${expr}` of a text as a line magic does; evaluated in the notebook's scope. */
  interpolate(text: string): Promise<string>
}

export interface Magic {
  name: string
  /** First line of its help. */
  summary: string
  line?: {
    /** `%post [flags] TARGET [MESSAGE]` */
    usage: string
    flags: readonly Flag[]
    /** Flags are read before this many words; then the rest of the line is one word, as typed. */
    words: number
    /** For a magic without MESSAGE: flags are read after the words too. */
    flagsAnywhere?: boolean
    /** The whole line is one word: dashes and quotes in it are another program's. */
    asTyped?: boolean
    /** @param args - The last word is the rest of the line, if the magic takes a rest. */
    run(args: Parsed, context: LineMagicContext): Promise<void>
  }
  cell?: {
    usage: string
    flags: readonly Flag[]
    words: number
    /** Returns what the cell's reply says. A throw is the cell's error. */
    run(args: Parsed, context: CellMagicContext): Promise<Outcome>
  }
  /** Completes the text before the cursor, from the first character after the name. */
  complete?(text: string, kind: 'line' | 'cell'): Promise<string[]>
}

/** By name. */
export type MagicTable = ReadonlyMap<string, Magic>
