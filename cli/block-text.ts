// A block of a post as plain text for a terminal, without escape sequences that would control it.
import { choicesText } from '../post/contract/question.ts'
import type { Block } from '../post/contract/schema.ts'
import { withoutEscapes } from '../post/text/terminal-text.ts'

export function blockText(
  block: Block,
  files: ReadonlyArray<{ name: string; size: number }>,
): string {
  return withoutEscapes(textOf(block, files))
}

function textOf(block: Block, files: ReadonlyArray<{ name: string; size: number }>): string {
  switch (block.type) {
    case 'message':
    case 'markdown':
    case 'text':
    case 'code':
    case 'latex':
    case 'notice':
      return block.text
    case 'html':
      return block.text === '' ? block.html : block.text
    case 'choices':
      return choicesText(block)
    case 'error':
      return `${block.name}: ${block.message}\n${block.traceback}`.trimEnd()
    case 'table':
      return [block.columns, ...block.rows].map((row) => row.join(' | ')).join('\n')
    case 'image':
    case 'file': {
      const file = files[block.file]
      return file === undefined ? '[file]' : `[${file.name}, ${file.size} bytes]`
    }
  }
}
