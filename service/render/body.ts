// The blocks of a post -> pieces of its text, in their order. Large tables are cut for messages;
// the whole ones are kept for files.
import type { Block } from '../../post/contract/schema.ts'
import { cutTable } from './cut-table.ts'
import type { Table } from './cut-table.ts'
import { escapeInline } from './escape.ts'
import { unlikePosterLine } from './likeness.ts'
import { blockPieces } from './markdown.ts'
import type { Dialect } from './markdown.ts'
import type { Piece } from './pieces.ts'
import type { TextLimit } from './split.ts'
import type { Body, WholeFiles } from './whole-files.ts'

interface BodyFrom {
  blocks: readonly Block[]
  files: readonly { name: string }[]
}

/** The longest row of a table, as a share of a message. */
const ROW_SHARE = 1 / 4

/** @param refused - Indices of files that are not sent. */
export function bodyOf(
  post: BodyFrom,
  chat: Dialect & { text: TextLimit },
  refused: ReadonlyMap<number, string>,
  whole: WholeFiles,
): Body {
  // Chats show files below the text. If text follows a file, its name marks the place.
  const firstFile = post.blocks.findIndex((block) => 'file' in block)
  const nameFiles =
    firstFile !== -1 &&
    post.blocks.slice(firstFile).some((block) => !('file' in block) && block.type !== 'notice')
  const tables = new Map<Piece, Table>()
  const blocks = post.blocks.filter((block) => !('file' in block) || !refused.has(block.file))
  const pieces = blocks.flatMap((block, n) => {
    if (block.type === 'table') {
      const { table, cut } = cutTable(block, chat.text.max * ROW_SHARE)
      const shown = blockPieces({ ...block, ...table }, [], chat, false).map(unlikePosterLine)
      for (const piece of shown) tables.set(piece, block)
      return cut === undefined ? shown : [...shown, wholeNote(`${cut}; ${whole.keepTable(block)}`)]
    }
    const isNamed = [blocks[n - 1], blocks[n + 1]].some((beside) => names(beside, block, post))
    return blockPieces(block, post.files, chat, nameFiles && !isNamed).map(unlikePosterLine)
  })
  return { pieces, tables }
}

/** Whether a notice next to a file already names it. */
function names(notice: Block | undefined, block: Block, { files }: BodyFrom): boolean {
  if (notice?.type !== 'notice' || !('file' in block)) return false
  const name = files[block.file]?.name
  return name !== undefined && notice.text.includes(name)
}

function wholeNote(text: string): Piece {
  return { kind: 'prose', text: `*${escapeInline(text)}*` }
}
