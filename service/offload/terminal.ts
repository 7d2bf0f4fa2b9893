// What is meant for a terminal, in any text of a post: no chat shows colours, and a link or a
// cursor move would be rubbish. Kernels and the command line apply it to what was printed; this is
// for everything else, and for other programs that post.
import type { Block } from '../../post/contract/schema.ts'
import limits from '../../post/contract/limits.json' with { type: 'json' }
import { terminalText, withoutEscapes } from '../../post/text/terminal-text.ts'

export function withoutTerminal(block: Block): Block {
  switch (block.type) {
    case 'text':
      return { ...block, text: printed(block.text) }
    case 'error':
      return {
        ...block,
        name: written(block.name),
        message: written(block.message),
        traceback: printed(block.traceback),
      }
    case 'table':
      return {
        ...block,
        columns: block.columns.map(written),
        rows: block.rows.map((row) => row.map(written)),
      }
    case 'html':
      return { ...block, html: written(block.html), text: printed(block.text) }
    case 'image':
      return block.alt === undefined ? block : { ...block, alt: printed(block.alt) }
    case 'choices':
      return {
        ...block,
        choices: block.choices.map(written),
        ...(block.otherwise === undefined ? {} : { otherwise: written(block.otherwise) }),
      }
    case 'file':
      return block
    default:
      return { ...block, text: written(block.text) }
  }
}

/**
 * Blank cells for each character of a text. A post may have 30,000 texts, each with a screen of its
 * own, and a move to the right of thousands of cells is only a few characters.
 */
const BLANKS_A_CHARACTER = 16

/** What a program printed: cursor moves count, unless they would make it longer. */
function printed(text: string): string {
  const shown = terminalText(
    text,
    Math.min(limits.terminal.blanks, BLANKS_A_CHARACTER * text.length),
  )
  return shown.length <= text.length ? shown : withoutEscapes(text)
}

/** What a person or a library wrote: line ends stay. */
function written(text: string): string {
  return withoutEscapes(text.replaceAll(/\r\n?/g, '\n'))
}
