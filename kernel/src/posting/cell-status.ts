// What `status` in the chat is answered with: how far its progress is, and the last lines of the cell's text, as a terminal shows them.
import { firstLine } from '../../../post/contract/first-line.ts'
import type { Block } from '../../../post/contract/schema.ts'
import { terminalText } from '../../../post/text/terminal-text.ts'
import type { CapturedOutput, CellOutputs } from '../capture/outputs.ts'

const LINES = 20
const CHARACTERS = 1500
/** Of a cell's text so much is looked at: what is masked in it is masked before it is cut. */
const LOOKED_AT = 64 * 1024

/** Text and results of a cell, its end. */
export function outputText(cell: CellOutputs): string {
  const text = cell.outputs.map(textOf).join('')
  if (text.length <= LOOKED_AT) return terminalText(text).trimEnd()
  const tail = text.slice(-LOOKED_AT)
  // From a line on: half a line may hold half a secret, which nobody would recognise.
  const line = tail.search(/[\r\n]/)
  return terminalText(tail.slice(line + 1)).trimEnd()
}

/** @param text - Masked. @param progress - What the cell tells with `post.progress()`. */
export function statusBlocks(text: string, progress: readonly Block[] = []): Block[] {
  const running: Block = { type: 'notice', text: firstLine('running') }
  if (text === '' && progress.length > 0) return [...progress, running]
  if (text === '') return [{ type: 'notice', text: 'no output so far' }, running]
  const tail = text.split('\n').slice(-LINES).join('\n').slice(-CHARACTERS)
  const shown = tail.length === text.length ? tail : `…\n${tail}`
  return [...progress, { type: 'text', text: shown, stream: 'stdout' }, running]
}

function textOf(output: CapturedOutput): string {
  if (output.type === 'stream') return output.name === 'stdout' ? output.text : ''
  const plain = 'data' in output ? output.data['text/plain'] : undefined
  return typeof plain === 'string' ? `${plain}\n` : ''
}
