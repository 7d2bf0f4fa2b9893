// What the table of typing consists of: cells that ran, then cells that somebody types, each with
// the question asked at the cursor `¦`. What TypeScript itself says about a file of the same
// content is in expected.json, which write.ts makes.

/** One file that has the content of all cells, where a notebook may do what one file may not. */
export interface Otherwise {
  cell: string
  /** Also has the cursor. */
  file: string
}

export type Typed = string | Otherwise

export interface Scenario {
  name: string
  /** In the notebook's folder: path -> text. */
  files?: Readonly<Record<string, string>>
  /** Cells that ran. */
  before: readonly string[]
  complete?: readonly Typed[]
  inspect?: readonly Typed[]
  signature?: readonly Typed[]
  /** Cells that run, without a cursor: which errors a compiler finds in them. */
  diagnostics?: readonly Typed[]
}

export const KINDS = ['complete', 'inspect', 'signature', 'diagnostics'] as const
export type Kind = (typeof KINDS)[number]

export const cellOf = (typed: Typed): string => (typeof typed === 'string' ? typed : typed.cell)
