// The answer to `status` in the chat: the cell's progress, and the last lines of its text as a
// terminal shows them.
import document from '../../../post/contract/limits.json' with { type: 'json' }
import { noticeText } from '../../../post/contract/notices.ts'
import type { Block } from '../../../post/contract/schema.ts'
import { lastUnits } from '../../../post/contract/units.ts'
import { terminalText } from '../../../post/text/terminal-text.ts'
import type { CapturedOutput, CellOutputs } from '../capture/outputs.ts'

/** Only `LOOKED_AT` at the end of a cell's text is read: it is masked before it is cut. */
const { statusLines: LINES, statusCharacters: CHARACTERS, statusRead: LOOKED_AT } = document.watch

/** Text and results at the end of the cell's output. */
export function outputText(cell: CellOutputs): string {
  const text = cell.outputs.map(textOf).join('')
  if (text.length <= LOOKED_AT) return terminalText(text).trimEnd()
  const tail = text.slice(-LOOKED_AT)
  // Starts with a whole line: half a line may contain half a secret, which would not be recognised.
  const line = tail.search(/[\r\n]/)
  return terminalText(tail.slice(line + 1)).trimEnd()
}

/** @param text - Already masked. @param progress - What `post.progress()` in the cell shows. */
export function statusBlocks(text: string, progress: readonly Block[] = []): Block[] {
  const running: Block = { type: 'notice', text: noticeText('running') }
  if (text === '' && progress.length > 0) return [...progress, running]
  if (text === '') return [{ type: 'notice', text: noticeText('noOutputSoFar') }, running]
  const tail = lastUnits(text.split('\n').slice(-LINES).join('\n'), CHARACTERS)
  const shown = tail.length === text.length ? tail : `…\n${tail}`
  return [...progress, { type: 'text', text: shown, stream: 'stdout' }, running]
}

function textOf(output: CapturedOutput): string {
  if (output.type === 'stream') return output.name === 'stdout' ? output.text : ''
  const plain = 'data' in output ? output.data['text/plain'] : undefined
  return typeof plain === 'string' ? `${plain}\n` : ''
}
