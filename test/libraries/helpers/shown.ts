// What a post shows, in a few words: the kinds of its parts, and how its text begins. It is read
// from what arrived, as a person would read it there.
import { extname } from 'node:path'
import type { Block, ReadPost } from '../../../post/contract/schema.ts'

const PICTURES = new Set(['.png', '.jpg', '.gif', '.webp'])
const MOST_WORDS = 60

export interface Shown {
  /** Of `KINDS`, in their order, each once. */
  kinds: Kind[]
  /** How its text begins; empty if it has none. */
  words: string
}

/** `named`: a sentence of the relay's or a client's, as "Interactive plot, see the notebook". */
const KINDS = ['picture', 'table', 'formula', 'code', 'text', 'file', 'error', 'named'] as const
type Kind = (typeof KINDS)[number]

const OF_BLOCKS: Readonly<Record<Block['type'], Kind>> = {
  message: 'text',
  text: 'text',
  markdown: 'text',
  code: 'code',
  latex: 'formula',
  table: 'table',
  image: 'picture',
  file: 'file',
  error: 'error',
  html: 'text',
  notice: 'named',
  choices: 'text',
}

export function inInbox({ blocks }: Pick<ReadPost, 'blocks'>): Shown {
  return shownBy(
    blocks.flatMap((block): Part[] => {
      if (block.type === 'markdown') return partsOf(block.text)
      const rows = block.type === 'table' ? [block.columns, ...block.rows] : []
      const text = 'text' in block ? block.text : rows.map(cellsText).join('\n')
      return [{ kind: OF_BLOCKS[block.type], text }]
    }),
  )
}

/** What the relay says of what it cannot show. In a message it is in italics, as other text is. */
export function noticesOf({ blocks }: Pick<ReadPost, 'blocks'>): string[] {
  return blocks.flatMap((block) => (block.type === 'notice' ? [block.text] : []))
}

/** A message of the chat: its text without the line that says who posts, and its files' names. */
export interface Message {
  text: string
  files: string[]
}

export function onMattermost(messages: readonly Message[], notices: readonly string[]): Shown {
  const parts: Part[] = []
  for (const { text, files } of messages) {
    for (const part of partsOf(text)) {
      const inside = part.text.slice(1, -1)
      // A picture's name marks its place in the text.
      if (files.includes(inside)) continue
      const isNotice = notices.includes(inside.replaceAll('\\', ''))
      parts.push(isNotice ? { kind: 'named' as const, text: inside } : part)
    }
    for (const name of files)
      parts.push({ kind: PICTURES.has(extname(name)) ? 'picture' : 'file', text: '' })
  }
  return shownBy(parts)
}

interface Part {
  kind: Kind
  text: string
}

function shownBy(parts: readonly Part[]): Shown {
  const kinds = KINDS.filter((kind) => parts.some((part) => part.kind === kind))
  const lines = parts.flatMap(({ text }) => text.split('\n')).map((line) => line.trim())
  const first = (lines.find((line) => line !== '') ?? '').replaceAll(/\s+/g, ' ')
  const words = first.length > MOST_WORDS ? `${first.slice(0, MOST_WORDS).trimEnd()} …` : first
  return { kinds, words }
}

const FENCES: Readonly<Record<string, Kind>> = { '': 'text', latex: 'formula', tex: 'formula' }

/** Markdown in parts: fences, tables, and each other line. */
function partsOf(markdown: string): Part[] {
  const parts: Part[] = []
  const lines = markdown.split('\n')
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at] ?? ''
    const [, fence = '', language = ''] = /^(`{3,})(\w*)$/.exec(line) ?? []
    if (fence !== '') {
      const end = lines.indexOf(fence, at + 1)
      parts.push({
        kind: FENCES[language] ?? 'code',
        text: lines.slice(at + 1, end === -1 ? undefined : end).join('\n'),
      })
      at = end === -1 ? lines.length : end
    } else if (line.startsWith('|')) {
      const isRule = /^[|: -]+$/.test(line)
      parts.push({ kind: 'table', text: isRule ? '' : cellsText(line.split('|')) })
    } else if (line.trim() !== '') parts.push({ kind: 'text', text: line })
  }
  return parts
}

function cellsText(cells: readonly string[]): string {
  return cells
    .map((cell) => cell.trim())
    .filter((cell) => cell !== '')
    .join(', ')
}
