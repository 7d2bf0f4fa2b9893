// What one cell showed, as the notebook has it now, with updates and clears applied. It is bounded,
// so that an endless loop of prints cannot fill the kernel's memory: of too much text the first and
// last half are kept, and a line says how much is missing. A bar is kept in its last state.
import limits from '../../../post/contract/limits.json' with { type: 'json' }
import { isDrawnOver, withoutDrawnOver } from '../../../post/text/progress-text.ts'
import type { DisplayContent } from '../protocol/mimebundle.ts'
import { MacroBook } from '../../../post/text/tex-macros.ts'
import type { Outcome, Output } from '../runtime/runtime.ts'
import { firstBytes, inWords, lastBytes } from './bytes.ts'
import { notebookOfCell } from './notebook-name.ts'
import type { CapturedOutput, CellOutputs } from './outputs.ts'

/** Bounds of one cell, in bytes. */
export interface RecordingBounds {
  /** For all streams together: half from the start, half from the end. */
  text: number
  /** For the data of all displays together, as text (images are base64). */
  displays: number
}

/**
 * A post takes 1 MB of text, including the line at the gap. It takes 64 MB of files, which are 88
 * MB as base64 (docs/spec.md 2.5).
 */
export const BOUNDS: RecordingBounds = {
  text: limits.capture.recordedText,
  displays: limits.capture.recordedDisplays,
}

export interface RecordedCell {
  /** msg_id of the execute_request. */
  cellId: string
  executionCount: number
  /** As typed. */
  source: string
  /** Of the execute_request: some clients tell the notebook there. */
  metadata?: Record<string, unknown>
  /** A silent cell never becomes `previous`. */
  silent: boolean
}

interface Entry {
  /** Of a stream without `lastText`. */
  output: CapturedOutput
  /** The text of a stream that came last. If it is a bar, the next one may be drawn over it. */
  lastText: string
  bytes: number
  /** Text of the second half: dropped first when more comes. */
  tail: boolean
}

export class Recording implements CellOutputs {
  readonly cellId: string
  readonly executionCount: number
  readonly source: string
  readonly notebook: string | undefined
  readonly silent: boolean
  readonly startedAt: number
  endedAt: number | undefined
  status: CellOutputs['status'] = 'running'
  readonly macros: MacroBook
  readonly #bounds: RecordingBounds
  #entries: Entry[] = []
  #headBytes = 0
  #tailBytes = 0
  #droppedText = 0
  #displayBytes = 0
  #refused: string[] = []
  #clearBeforeNext = false

  constructor(
    cell: RecordedCell,
    bounds: RecordingBounds,
    startedAt: number,
    macros = new MacroBook(),
  ) {
    this.macros = macros
    this.cellId = cell.cellId
    this.executionCount = cell.executionCount
    this.source = cell.source
    this.notebook = notebookOfCell(cell.metadata ?? {})
    this.silent = cell.silent
    this.#bounds = bounds
    this.startedAt = startedAt
  }

  get outputs(): readonly CapturedOutput[] {
    const outputs = this.#entries.map(wholeOutput)
    if (this.#droppedText === 0) return outputs
    // Text after the gap does not continue the text before it.
    const gap = this.#entries.findIndex((entry) => entry.tail)
    const text = `\n… ${inWords(this.#droppedText)} left out …\n`
    return outputs.toSpliced(gap === -1 ? outputs.length : gap, 0, {
      type: 'stream',
      name: 'stdout',
      text,
    })
  }

  get leftOut(): readonly string[] {
    if (this.#droppedText === 0) return this.#refused
    return [`${inWords(this.#droppedText)} from the middle of the text`, ...this.#refused]
  }

  add(output: Exclude<Output, { type: 'update_display_data' }>): void {
    if (output.type === 'comm') return
    if (output.type === 'clear_output') {
      if (output.wait) this.#clearBeforeNext = true
      else this.#clear()
      return
    }
    if (this.#clearBeforeNext) this.#clear()
    switch (output.type) {
      case 'stream':
        this.#addText(output.name, withoutDrawnOver(output.text))
        break
      case 'error':
        this.#entries.push(entryOf({ type: 'error', ...output.content }))
        break
      case 'display_data':
      case 'execute_result':
        this.#addDisplay(output.type, output.content)
        break
    }
  }

  /** Applies an `update_display_data` of any cell to all displays here with that id. */
  update(content: DisplayContent): void {
    const id = content.transient?.display_id
    if (id === undefined) return
    for (const entry of this.#entries) {
      if (!('displayId' in entry.output) || entry.output.displayId !== id) continue
      const bytes = bundleBytes(content)
      if (this.#displayBytes - entry.bytes + bytes > this.#bounds.displays) {
        this.#refuse(content, bytes)
        continue
      }
      this.#displayBytes += bytes - entry.bytes
      entry.bytes = bytes
      entry.output = { ...entry.output, data: content.data, metadata: content.metadata }
    }
  }

  end(outcome: Outcome, now: number): void {
    this.endedAt = now
    this.#trimTail(this.#bounds.text / 2)
    if (outcome.status === 'ok') {
      this.status = 'ok'
      return
    }
    this.status = outcome.interrupted ? 'interrupted' : 'failed'
    this.#entries.push(entryOf({ type: 'error', ...outcome.error }))
  }

  #clear(): void {
    this.#clearBeforeNext = false
    this.#entries = []
    this.#headBytes = this.#tailBytes = this.#droppedText = this.#displayBytes = 0
    this.#refused = []
  }

  #addText(name: 'stdout' | 'stderr', text: string): void {
    const half = this.#bounds.text / 2
    const room = Math.max(0, Math.floor(half - this.#headBytes))
    const head = this.#tailBytes > 0 ? '' : firstBytes(text, room)
    if (head !== '') this.#headBytes += this.#appendText(name, head, false)
    const rest = text.slice(head.length)
    if (rest === '') return
    const tail = lastBytes(rest, half)
    this.#droppedText += Buffer.byteLength(rest) - Buffer.byteLength(tail)
    this.#tailBytes += this.#appendText(name, tail, true)
    // Trimmed only at twice its size, so that a long flood causes a copy now and then, not one for
    // each line.
    if (this.#tailBytes > half * 2) this.#trimTail(half)
  }

  #appendText(name: 'stdout' | 'stderr', text: string, tail: boolean): number {
    const bytes = Buffer.byteLength(text)
    const last = this.#entries.at(-1)
    if (last?.output.type !== 'stream' || last.output.name !== name || last.tail !== tail) {
      this.#entries.push({
        output: { type: 'stream', name, text: '' },
        lastText: text,
        bytes,
        tail,
      })
      return bytes
    }
    const over = isDrawnOver(last.lastText, text)
    const more = bytes - (over ? Buffer.byteLength(last.lastText) : 0)
    if (!over) last.output = wholeOutput(last)
    last.lastText = text
    last.bytes += more
    return more
  }

  #trimTail(target: number): void {
    for (const entry of this.#entries) {
      if (!entry.tail || entry.output.type !== 'stream') continue
      const excess = this.#tailBytes - target
      if (excess <= 0) break
      const whole = entry.output.text + entry.lastText
      const kept = lastBytes(whole, Math.max(0, entry.bytes - excess))
      const keptBytes = Buffer.byteLength(kept)
      this.#droppedText += entry.bytes - keptBytes
      this.#tailBytes -= entry.bytes - keptBytes
      entry.output = { ...entry.output, text: kept }
      entry.lastText = ''
      entry.bytes = keptBytes
    }
    this.#entries = this.#entries.filter((entry) => !entry.tail || entry.bytes > 0)
  }

  #addDisplay(type: 'display_data' | 'execute_result', content: DisplayContent): void {
    const bytes = bundleBytes(content)
    if (this.#displayBytes + bytes > this.#bounds.displays) {
      this.#refuse(content, bytes)
      return
    }
    this.#displayBytes += bytes
    const id = content.transient?.display_id
    const { data, metadata } = content
    const displayId = id === undefined ? {} : { displayId: id }
    this.#entries.push(entryOf({ type, data, metadata, ...displayId }, bytes))
  }

  #refuse(content: DisplayContent, bytes: number): void {
    const mimetype = Object.keys(content.data)[0] ?? 'a display'
    this.#refused.push(`${mimetype} of ${inWords(bytes)}: the cell showed too much`)
  }
}

/** @param bytes - Of a display, as text. */
function entryOf(output: CapturedOutput, bytes = 0): Entry {
  return { output, lastText: '', bytes, tail: false }
}

function wholeOutput({ output, lastText }: Entry): CapturedOutput {
  return output.type === 'stream' ? { ...output, text: output.text + lastText } : output
}

function bundleBytes(content: DisplayContent): number {
  let bytes = 0
  for (const value of Object.values(content.data)) {
    bytes += Buffer.byteLength(typeof value === 'string' ? value : (JSON.stringify(value) ?? ''))
  }
  return bytes
}
