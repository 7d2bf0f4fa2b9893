// The cells of this kernel: the number of the last one, the one that runs, and who asked for the ones before, because their
// outputs and their magics may come long after they ended.
import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import type { CellOutputs } from '../capture/outputs.ts'
import type { CompiledCell } from '../cell/compiled.ts'
import type { ExecuteRequest } from '../protocol/content.ts'
import type { Message, Parent } from '../protocol/message.ts'
import { DisplayAllowance } from './display-allowance.ts'
import { TextAllowance } from './text-allowance.ts'

/** Requests remembered for late output: a header each. */
const CAUSES = 4096
/** Cells remembered for late magics: with their source and outputs. */
const CELLS = 64

export interface Cell {
  id: string
  request: Message
  content: ExecuteRequest
  /** `In [n]`. */
  executionCount: number
  outputs: CellOutputs
  /** Set once it compiled: line magics are called by their index in it. */
  compiled?: CompiledCell
  /** Aborted when the person interrupts it. */
  interrupt: AbortController
  /** What its reply asks of the front end: a pager (`page`), text for the next cell (`set_next_input`). */
  payload: Array<Record<string, unknown>>
  /** Only of the hidden cell that fills in a text: takes the text instead of a magic. */
  fill?(text: string): void
}

/** Whoever caused an output: a cell, or a comm message of a front end. */
export interface Cause {
  id: string
  request: Parent
  /** Nothing of it is shown. */
  silent: boolean
  executionCount: number
  /** Of text it shows, also after it ended. */
  text: TextAllowance
  /** Of what it displays. */
  displays: DisplayAllowance
  /** Outputs left out since it was last said, because a client does not read. */
  unread: number
}

export class Cells {
  /** Number of the last cell that was kept in the history. */
  count = 0
  running: Cell | undefined
  readonly #causes = new Map<string, Cause>()
  readonly #cells = new Map<string, Cell>()
  readonly #textLimit: number

  /** @param textLimit - UTF-16 units that one cell may show. */
  constructor(textLimit: number) {
    this.#textLimit = textLimit
  }

  /** Remembers who caused what comes with this id from now on. */
  remember(cause: Omit<Cause, 'text' | 'displays' | 'unread'>): void {
    // Not the whole message: thousands are remembered, and a message holds its source and its frames.
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

/** The runtime names cells by the msg_id of their request; one that is no plain word of usual length gets another name there. */
export function idOf(request: Message): string {
  const id = request.header.msg_id
  return /^[\w-]{1,128}$/.test(id) ? id : randomUUID()
}

/**
 * In the notebook's folder, so that `import('./x')` works. A cell that is not kept shares its number with the one before, whose
 * functions may still throw: it has a name of its own.
 */
export function filenameOf({ id, content, executionCount }: Cell): string {
  const name = content.store_history ? `cell_${executionCount}` : `cell_${executionCount}_${id}`
  return join(process.cwd(), `${name}.ts`)
}

function keep<T extends { id: string }>(map: Map<string, T>, item: T, limit: number): void {
  // Deleted first: a repeated id becomes the newest.
  map.delete(item.id)
  map.set(item.id, item)
  if (map.size > limit) for (const oldest of map.keys().take(1)) map.delete(oldest)
}
