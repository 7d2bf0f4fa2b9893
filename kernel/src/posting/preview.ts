// `--preview`: a post as text and as markdown for the notebook, with the names of its files.
// Nothing is sent.
import { noticeText } from '../../../post/contract/notices.ts'
import { choicesText } from '../../../post/contract/question.ts'
import type { Block, Post, PostFile } from '../../../post/contract/schema.ts'
import type { ReceiptText } from '../../../post/relay/receipt.ts'
import { fenceMark } from '../../../post/text/fence.ts'

export function previewText(post: Post): ReceiptText {
  const title = noticeText('preview', { targets: post.targets.join(', ') })
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
      return htmlPreview(block)
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

function fenced(text: string, language: string): ReceiptText {
  const fence = fenceMark(text)
  return { text, markdown: `${fence}${language}\n${text}\n${fence}` }
}

/**
 * The relay makes tables and pictures of HTML, so the preview only names it and shows its
 * text/plain.
 */
function htmlPreview({ html, text }: Extract<Block, { type: 'html' }>): ReceiptText {
  const rows = tableRows(html)
  const table = rows === 1 ? 'a table of 1 row' : `a table of ${rows} rows`
  const name = rows === 0 ? 'HTML' : table
  const line = { text: `[${name}]`, markdown: `*${name}*` }
  if (text.trim() === '') return line
  const plain = fenced(text, 'text')
  return {
    text: `${line.text}\n${plain.text}`,
    markdown: `${line.markdown}\n\n${plain.markdown}`,
  }
}

/** Number of rows with a `<td>`. */
function tableRows(html: string): number {
  return html
    .toLowerCase()
    .split('<tr')
    .slice(1)
    .filter((row) => row.includes('<td')).length
}

function tablePreview(table: Extract<Block, { type: 'table' }>): ReceiptText {
  const lines = [table.columns, table.columns.map(() => '---'), ...table.rows].map(tableRow)
  return { text: lines.join('\n'), markdown: lines.join('\n') }
}

function tableRow(cells: readonly string[]): string {
  return `| ${cells.map((text) => text.replaceAll('|', '\\|')).join(' | ')} |`
}
