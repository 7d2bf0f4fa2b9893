// `--preview`: a post as text and as markdown for the notebook, with its files by name. Nothing is sent.
import { firstLine } from '../../../post/contract/first-line.ts'
import { choicesText } from '../../../post/contract/question.ts'
import type { Block, Post, PostFile } from '../../../post/contract/schema.ts'
import type { ReceiptText } from '../../../post/relay/receipt.ts'

export function previewText(post: Post): ReceiptText {
  const title = firstLine('preview', { targets: post.targets.join(', ') })
  const parts = post.blocks.map((block) => blockPreview(block, post.files))
  return {
    text: [title, ...parts.map((part) => part.text)].join('\n\n'),
    markdown: [title.replaceAll(/[~_*#]/g, '\\$&'), ...parts.map((part) => part.markdown)].join(
      '\n\n',
    ),
  }
}

function blockPreview(block: Block, files: readonly PostFile[]): ReceiptText {
  switch (block.type) {
    case 'message':
    case 'markdown':
      return { text: block.text, markdown: block.text }
    case 'notice':
      return { text: block.text, markdown: `*${block.text}*` }
    case 'choices':
      return { text: choicesText(block), markdown: choicesText(block) }
    case 'text':
      return fenced(block.text, 'text')
    case 'code':
      return fenced(block.text, block.language)
    case 'latex':
      return fenced(block.text, 'latex')
    case 'html':
      return fenced(block.text === '' ? block.html : block.text, 'text')
    case 'error':
      return fenced(`${block.name}: ${block.message}\n${block.traceback}`.trimEnd(), 'text')
    case 'table':
      return tablePreview(block)
    case 'image':
    case 'file': {
      const file = files[block.file]
      const line =
        file === undefined ? '' : `${file.name} (${file.mimetype}, ${file.bytes.byteLength} bytes)`
      return { text: `[${line}]`, markdown: `📎 \`${line}\`` }
    }
  }
}

/** The fence is longer than any run of backticks inside. */
function fenced(text: string, language: string): ReceiptText {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([run]) => run.length))
  const fence = '`'.repeat(longest + 1)
  return { text, markdown: `${fence}${language}\n${text}\n${fence}` }
}

function tablePreview(table: Extract<Block, { type: 'table' }>): ReceiptText {
  const lines = [table.columns, table.columns.map(() => '---'), ...table.rows].map(tableRow)
  return { text: lines.join('\n'), markdown: lines.join('\n') }
}

function tableRow(cells: readonly string[]): string {
  return `| ${cells.map((text) => text.replaceAll('|', '\\|')).join(' | ')} |`
}
