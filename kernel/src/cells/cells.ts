// The cells of this kernel: the number of the last one, the one that runs, and earlier ones with
// their requests, because outputs and magics of a cell may come long after it ended.
import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import type { CellOutputs } from '../capture/outputs.ts'
import type { CompiledCell } from '../cell/compiled.ts'
import type { Surroundings } from '../magics/magic.ts'
import type { ExecuteRequest } from '../protocol/content.ts'
import type { Message, Parent } from '../protocol/message.ts'
import { DisplayAllowance } from './display-allowance.ts'
import { TextAllowance } from './text-allowance.ts'

/** How many requests are remembered for late output; each takes as much as a header. */
const CAUSES = 4096
/** How many cells are remembered for late magics, with their source and outputs. */
const CELLS = 64

export interface Cell {
  id: string
  request: Message
  content: ExecuteRequest
  /** `In [n]`. */
  executionCount: number
  outputs: CellOutputs
  /** Set after compiling; line magics are called by their index in it. */
  compiled?: CompiledCell
  /** While it runs cells of notebooks: their files, the innermost last. */
  notebooks?: readonly string[]
  /** Of what runs, the code whose names later cells have. */
  code?: string
  /** Its code is to be measured. */
  timed?: boolean
  /** Aborted when the person interrupts it. */
  interrupt: AbortController
  /**
   * Wishes to the front end that the reply carries: a pager (`page`), text for the next cell
   * (`set_next_input`).
   */
  payload: Array<Record<string, unknown>>
  /**
   * Set only for a hidden cell that asks the runtime something: it gets the line, filled in, and
   * its surroundings, instead of running a magic.
   */
  fill?(text: string, surroundings: Surroundings): void
}

/** What caused an output: a cell, or a comm message of a front end. */
export interface Cause {
  id: string
  request: Parent
  /** None of its output is shown. */
  silent: boolean
  executionCount: number
  /** How much text it may still show, also after it ended. */
  text: TextAllowance
  /** How much it may still display. */
  displays: DisplayAllowance
  /** Outputs left out since the last message about that, because a client does not read. */
  unread: number
}

export class Cells {
  /** Number of the last cell that was stored in the history. */
  count = 0
  running: Cell | undefined
  /** As the last magic of a cell found them. */
  surroundings: Surroundings = { folder: process.cwd(), env: process.env }
  readonly #causes = new Map<string, Cause>()
  readonly #cells = new Map<string, Cell>()
  readonly #textLimit: number

  /** @param textLimit - How much text one cell may show, in UTF-16 units. */
  constructor(textLimit: number) {
    this.#textLimit = textLimit
  }

  /** Remembers the cause of all outputs with this id from now on. */
  remember(cause: Omit<Cause, 'text' | 'displays' | 'unread'>): void {
    // Not the whole message: thousands are remembered, and a message includes its source and its
    // frames.
    const { header, headerJson } = cause.request
    const text = new TextAllowance(this.#textLimit)
    const displays = new DisplayAllowance(this.#textLimit)
    const known = { ...cause, request: { header, headerJson }, text, displays, unread: 0 }
    keep(this.#causes, known, CAUSES)
  }

  add(cell: Cell): void {
    keep(this.#cells, cell, CELLS)
  }

  cause(id: string): Cause | undefined {
    return this.#causes.get(id)
  }

  get(id: string): Cell | undefined {
    return this.#cells.get(id)
  }
}

/**
 * The runtime names cells by the msg_id of their request. Ids that are not plain words of usual
 * length are replaced.
 */
export function idOf(request: Message): string {
  const id = request.header.msg_id
  return /^[\w-]{1,128}$/.test(id) ? id : randomUUID()
}

/**
 * In the notebook's folder, so that `import('./x')` works. A cell that is not stored in the history
 * shares its number with the one before, whose functions may still throw, so it gets a name of its
 * own.
 */
export function filenameOf({ id, content, executionCount }: Cell): string {
  const name = content.store_history ? `cell_${executionCount}` : `cell_${executionCount}_${id}`
  return join(process.cwd(), `${name}.ts`)
}

function keep<T extends { id: string }>(map: Map<string, T>, item: T, limit: number): void {
  // Deleted first, so that a repeated id becomes the newest.
  map.delete(item.id)
  map.set(item.id, item)
  if (map.size > limit) for (const oldest of map.keys().take(1)) map.delete(oldest)
}
