// A thrown error as the block of a post: its name, its message and the frames of the cell.
import document from '../../../post/contract/limits.json' with { type: 'json' }
import type { Block } from '../../../post/contract/schema.ts'
import { firstUnits } from '../../../post/contract/units.ts'
import { terminalText } from '../../../post/text/terminal-text.ts'
import type { CapturedOutput } from './outputs.ts'

const { comparedMessage } = document.capture

export function errorBlock(output: Extract<CapturedOutput, { type: 'error' }>): Block {
  const name = terminalText(output.ename)
  const message = terminalText(output.evalue).trimEnd()
  const parts = output.traceback.map((part) => terminalText(part).trimEnd())
  // The block has name and message already. A long message is cut in the traceback.
  const summary = `${name}: ${firstUnits(message, comparedMessage)}`.trimEnd()
  const isSummary = (part = '') => part === name.trimEnd() || part.startsWith(summary)
  const traceback = parts
    .slice(isSummary(parts[0]) ? 1 : 0, isSummary(parts.at(-1)) ? -1 : undefined)
    .join('\n')
    .split('\n')
    // Frames of libraries and of Node are of no use in a chat.
    .filter((line) => !/^\s+at .*(node:|node_modules)/.test(line))
    .join('\n')
    // Removes empty lines, but keeps the indentation of frames.
    .replace(/^\s*\n/, '')
    .trimEnd()
  return { type: 'error', name, message, traceback }
}
