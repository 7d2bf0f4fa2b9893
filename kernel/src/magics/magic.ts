// What a magic is. Each has a file, a row in a table and a test, and runs in the kernel process.
import type { Parsed } from '../../../post/arguments/parser.ts'
import type { Flag } from '../../../post/contract/flags.ts'
import type { CellOutputs } from '../capture/outputs.ts'
import type { Outcome } from '../runtime/runtime.ts'

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

export interface LineMagicContext extends MagicContext {
  /** As cells have set them with `process.chdir()` and `process.env`. */
  surroundings: Surroundings
  /** Only comments, imports and types come before it in the cell. */
  first: boolean
}

export interface CellMagicContext extends MagicContext {
  /** The cell without the magic's line. */
  body: string
  /**
   * Runs a body as the cell, with live outputs, the same reply and the same `Out`. Call it at most
   * once.
   */
  run(body: string): Promise<Outcome>
  /**
   * Calls `listener` after each output of the cell, also after its end. Returns a function that
   * stops that.
   */
  onOutput(listener: () => void): () => void
  /** Fills in `${expr}` of a text as a line magic does, in the notebook's scope. */
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
    /** Flags come before this many words; the rest of the line is one more word, as typed. */
    words: number
    /** For a magic without MESSAGE: flags may also follow the words. */
    flagsAnywhere?: boolean
    /** The whole line is one word: its dashes and quotes are meant for another program. */
    asTyped?: boolean
    /** @param args - The last word is the rest of the line, if the magic takes a rest. */
    run(args: Parsed, context: LineMagicContext): Promise<void>
  }
  cell?: {
    usage: string
    flags: readonly Flag[]
    words: number
    /** Returns the outcome for the cell's reply. If it throws, that is the cell's error. */
    run(args: Parsed, context: CellMagicContext): Promise<Outcome>
  }
  /** Completes the text from after the magic's name to the cursor. */
  complete?(text: string, kind: 'line' | 'cell'): Promise<string[]>
}

/** By name. */
export type MagicTable = ReadonlyMap<string, Magic>
