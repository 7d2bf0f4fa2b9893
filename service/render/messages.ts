// A post -> the messages of one chat: first line, text in as few messages as the limit allows,
// files in as many as it needs. The same post always gives the same messages: a retry goes on with
// the missing one.
import type { Block, Source } from '../../post/contract/schema.ts'
import { bodyOf } from './body.ts'
import { escapeInline } from './escape.ts'
import { excerptOf } from './excerpt.ts'
import { firstLine, laterLine } from './header.ts'
import type { Dialect } from './markdown.ts'
import { muteMentions } from './mentions.ts'
import type { Piece } from './pieces.ts'
import { splitPieces, textLength } from './split.ts'
import type { TextLimit } from './split.ts'
import { WholeFiles } from './whole-files.ts'
import type { RelayFile } from '../storage/bytes.ts'

/** Beyond this many, only the head and the tail of the text are shown (docs/spec.md 2.1). */
const MOST_TEXT_MESSAGES = 4

export interface Chat extends Dialect {
  text: TextLimit
  files: { perMessage: number; bytes: number }
}

export interface RenderedMessage {
  /** Never blank: says at least who posts. */
  text: string
  /** Shows text of the post, not only the owner of the files. */
  showsText: boolean
  /** Indices for `fileOf`: those of the post's files, and negative ones. */
  files: number[]
}

export interface RenderedPost {
  messages: RenderedMessage[]
  /** What messages do not show as a whole: the text, tables. */
  whole: ReadonlyMap<number, RelayFile>
  /** What the chat could not take, in words; the post says it too. */
  leftOut: string[]
}

/** The parts of a file that printing needs: not its bytes. */
export interface RenderedFile {
  name: string
  bytes: { byteLength: number }
}

/** The file with this index in a message: one of the post's own, or of what was made of it. */
export function fileOf(
  { whole }: RenderedPost,
  files: readonly RelayFile[],
  index: number,
): RelayFile | undefined {
  return whole.get(index) ?? files[index]
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
  const tables = post.blocks.filter((block) => block.type === 'table')
  const whole = new WholeFiles(
    post.files.map(({ name }) => name),
    tables,
  )
  const body = bodyOf(post, chat, refused, whole)
  const leftOut = [...refused].map(
    ([index, why]) => `${post.files[index]?.name ?? 'the whole text'}: ${why}`,
  )
  const notes = leftOut.map((text) => italic(`left out: ${text}`))
  const attached = post.files.map((_, index) => index).filter((index) => !refused.has(index))
  if (body.pieces.length + notes.length + attached.length === 0) notes.push(italic('no output'))

  const split = (pieces: readonly Piece[], most: number) =>
    splitPieces(headings, pieces, chat.text, most)
  const short = () => {
    const length = (text: string) => textLength(text, chat.text.unit)
    const taken = [headings.first, ...notes.map(({ text }) => text)].join('\n\n')
    const room = Math.max(chat.text.max / 4, chat.text.max - length(taken))
    const { pieces, cut } = excerptOf(body.pieces, room, length)
    const where = italic(`… ${whole.keepCut(body, cut)}`)
    // Notes of the relay are shown in any case.
    const [shown, least] = [
      [...pieces, where, ...notes],
      [where, ...notes],
    ]
    return split(shown, MOST_TEXT_MESSAGES) ?? split(least, Infinity)
  }
  const texts = split([...body.pieces, ...notes], MOST_TEXT_MESSAGES) ?? short()
  whole.end(body)
  const made = [...whole.files.keys()].filter((index) => !refused.has(index))
  const shown = texts ?? [headings.first]
  const messages = attach(post.who, shown, [...made, ...attached], chat)
  return { messages, whole: whole.files, leftOut }
}

function italic(text: string): Extract<Piece, { kind: 'prose' }> {
  return { kind: 'prose', text: `*${muteMentions(escapeInline(text))}*` }
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
