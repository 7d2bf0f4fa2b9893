// A post -> the messages of one chat: first line, text in as few messages as the limit allows,
// files in as many as it needs. The same post always gives the same messages: a retry goes on with
// the missing one.
import type { Block, PostFile, Source } from '../../post/contract/schema.ts'
import { escapeInline } from './escape.ts'
import { firstLine, laterLine } from './header.ts'
import { unlikePosterLine } from './likeness.ts'
import { blockPieces } from './markdown.ts'
import type { Dialect } from './markdown.ts'
import { muteMentions } from './mentions.ts'
import { printPiece } from './pieces.ts'
import type { Piece } from './pieces.ts'
import { headOf, splitPieces } from './split.ts'
import type { TextLimit } from './split.ts'

/** Text beyond this many messages becomes `output.txt` (docs/spec.md 2.1). */
const MOST_TEXT_MESSAGES = 4
const HEAD_LINES = 20
/** Index of `output.txt`, which is not one of the post's own files. */
export const OVERFLOW_FILE = -1

export interface Chat extends Dialect {
  text: TextLimit
  files: { perMessage: number; bytes: number }
}

export interface RenderedMessage {
  /** Never blank: says at least who posts. */
  text: string
  /** Shows text of the post, not only the owner of the files. */
  showsText: boolean
  /** Indices into the post's files; `OVERFLOW_FILE` for `output.txt`. */
  files: number[]
}

export interface RenderedPost {
  messages: RenderedMessage[]
  /** Set if the text was too long for messages. */
  overflow: PostFile | undefined
  /** What the chat could not take, in words; the post says it too. */
  leftOut: string[]
}

/** The parts of a file that printing needs: not its bytes. */
export interface RenderedFile {
  name: string
  bytes: { byteLength: number }
}

export interface RenderedFrom {
  who: string
  signature?: string | undefined
  source: Source
  blocks: readonly Block[]
  files: readonly RenderedFile[]
  /** File index -> why the chat service refused it. */
  refused?: ReadonlyMap<number, string>
}

/** Prints a post where it does not hold up others. */
export type Print = (post: RenderedFrom, chat: Chat, signal: AbortSignal) => Promise<RenderedPost>

export function renderPost(post: RenderedFrom, chat: Chat): RenderedPost {
  const headings = {
    first: firstLine(post),
    later: (n: number, of: number) => laterLine(post.who, `${n}/${of}`),
  }
  const refused = refusedFiles(post, chat)
  const leftOut = [...refused].map(([index, why]) => `${post.files[index]?.name ?? 'file'}: ${why}`)
  const pieces = [
    ...bodyPieces(post, chat, refused),
    ...leftOut.map((text): Piece => {
      return { kind: 'prose', text: `*left out: ${muteMentions(escapeInline(text))}*` }
    }),
  ]
  const attached = post.files.map((_, index) => index).filter((index) => !refused.has(index))
  if (pieces.length === 0 && attached.length === 0)
    pieces.push({ kind: 'prose', text: '*no output*' })

  const { who } = post
  const whole = splitPieces(headings, pieces, chat.text, MOST_TEXT_MESSAGES)
  if (whole) return { messages: attach(who, whole, attached, chat), overflow: undefined, leftOut }

  const note: Piece = { kind: 'prose', text: `*… the whole text is in output.txt*` }
  const head = splitPieces(headings, [...headOf(pieces, HEAD_LINES), note], chat.text, Infinity)
  return {
    messages: attach(who, head ?? [headings.first], [OVERFLOW_FILE, ...attached], chat),
    overflow: {
      name: 'output.txt',
      mimetype: 'text/plain',
      bytes: Buffer.from(`${pieces.map(plainPiece).join('\n\n')}\n`),
    },
    leftOut,
  }
}

/** In a text file a fence around the content would only be noise. */
function plainPiece(piece: Piece): string {
  return piece.kind === 'fence' ? piece.text : printPiece(piece)
}

function refusedFiles(post: RenderedFrom, chat: Chat): Map<number, string> {
  const refused = new Map(post.refused)
  for (const [index, file] of post.files.entries()) {
    if (!refused.has(index) && file.bytes.byteLength > chat.files.bytes)
      refused.set(
        index,
        `${megabytes(file.bytes.byteLength)}, this chat takes files up to ${megabytes(chat.files.bytes)}`,
      )
  }
  return refused
}

function megabytes(bytes: number): string {
  return `${(bytes / 1024 / 1024).toFixed(1)} MB`
}

function bodyPieces(post: RenderedFrom, chat: Chat, refused: ReadonlyMap<number, string>): Piece[] {
  // Chats show files below the text. If text follows a file, its name marks the place.
  const firstFile = post.blocks.findIndex((block) => 'file' in block)
  const nameFiles =
    firstFile !== -1 &&
    post.blocks.slice(firstFile).some((block) => !('file' in block) && block.type !== 'notice')
  return post.blocks
    .filter((block) => !('file' in block) || !refused.has(block.file))
    .flatMap((block, n, blocks) => {
      const isNamed = [blocks[n - 1], blocks[n + 1]].some((beside) => names(beside, block, post))
      return blockPieces(block, post.files, chat, nameFiles && !isNamed).map(unlikePosterLine)
    })
}

/** Whether a notice next to a file already names it. */
function names(notice: Block | undefined, block: Block, { files }: RenderedFrom): boolean {
  if (notice?.type !== 'notice' || !('file' in block)) return false
  const name = files[block.file]?.name
  return name !== undefined && notice.text.includes(name)
}

/** Files go with the last text; the rest into further messages that say whose files these are. */
function attach(
  who: string,
  texts: readonly string[],
  files: readonly number[],
  chat: Chat,
): RenderedMessage[] {
  const messages: RenderedMessage[] = texts.map((text) => ({ text, showsText: true, files: [] }))
  const { perMessage } = chat.files
  for (let from = 0; from < files.length; from += perMessage) {
    const batch = files.slice(from, from + perMessage)
    const last = messages.at(-1)
    const which = batch.length > 1 ? `files ${from + 1}–${from + batch.length}` : `file ${from + 1}`
    if (from === 0 && last) last.files = batch
    else messages.push({ text: laterLine(who, which), showsText: false, files: batch })
  }
  return messages
}
