// Markdown with what chats do not show (tags, footnotes, tasks, lists of definitions, tables in
// lists, formulas on lines of their own) -> HTML blocks, which the reader of HTML makes markdown,
// tables, formulas and pictures of. Blocks of text that every chat shows stay as they were typed.
import type { Env, Token } from 'markdown-it'

import type { Block } from '../../post/contract/schema.ts'
import type { MaskPieces } from '../html/masking.ts'
import { Tags } from './tags.ts'
import { HtmlPrinter } from './to-html.ts'

type Prose = Extract<Block, { type: 'markdown' | 'message' }>

/** UTF-16 units; longer text becomes a file in a chat, and stays as typed. */
const MOST = 100_000
/** The parser's time grows with the square of their number. */
const MOST_FOOTNOTES = 1000
/** Every token that is not plain text begins with one of these. */
const HINT = /[<$[|\\]|^ {0,3}[:~] /m

/** The block itself if chats show all of it, else its parts in order. */
export function readMarkdown(block: Prose, mask: MaskPieces | undefined): Block[] {
  if (block.text.length > MOST || !HINT.test(block.text)) return [block]
  if (block.text.split('[^').length > MOST_FOOTNOTES) return [block]
  const tags = new Tags(block.text)
  const printer = new HtmlPrinter(block.type === 'message', tags, mask)
  const env: Env = {}
  const tokens = printer.markdown.parse(block.text, env)
  const hasReferences = Object.keys(env.references ?? {}).length > 0
  if (hasReferences && addressesIn(tokens) > MOST) return [block]
  const runs = runsOf(groupsOf(tokens, { tags, hasReferences }))
  if (!runs.some(({ isChanged }) => isChanged)) return [block]
  const lines = block.text.split('\n')
  return runs.flatMap(({ groups, isChanged }): Block[] => {
    const [first, last] = [groups[0], groups.at(-1)]
    const text = lines
      .slice(first?.start ?? 0, last?.end ?? lines.length)
      .join('\n')
      .trimEnd()
    if (!isChanged) return text === '' ? [] : [{ ...block, text }]
    const html = printer.print(
      groups.flatMap((group) => group.tokens),
      macrosOf(block),
    )
    return [{ type: 'html', html, text }]
  })
}

/** Length of all addresses and titles: one definition may be used by every word. */
function addressesIn(tokens: readonly Token[]): number {
  return tokens.reduce((sum, { attrs, children }) => {
    const own = (attrs ?? []).reduce((length, [, value]) => length + String(value).length, 0)
    return sum + own + addressesIn(children ?? [])
  }, 0)
}

function macrosOf(block: Prose): string {
  return block.type === 'markdown' ? (block.macros ?? '') : ''
}

/** What the whole document says of its parts. */
interface Known {
  tags: Tags
  hasReferences: boolean
}

/** One block of the document: the tokens from its start to its end, and its lines. */
interface Group {
  tokens: Token[]
  start: number | undefined
  end: number | undefined
  isChanged: boolean
  isHtml: boolean
}

function groupsOf(tokens: readonly Token[], known: Known): Group[] {
  const groups: Group[] = []
  let group: Token[] = []
  let depth = 0
  for (const token of tokens) {
    group.push(token)
    depth += token.nesting
    if (depth > 0) continue
    const [first] = group
    const isChanged = hasChange(group, known)
    const isHtml = first?.type === 'html_block' && known.tags.isBlock(first.content)
    groups.push({ tokens: group, start: first?.map?.[0], end: first?.map?.[1], isChanged, isHtml })
    group = []
  }
  return groups
}

interface Run {
  groups: Group[]
  isChanged: boolean
}

/** Neighbours that change together. What is between two blocks of HTML may be inside an element. */
function runsOf(groups: readonly Group[]): Run[] {
  const first = groups.findIndex(({ isHtml }) => isHtml)
  const last = groups.findLastIndex(({ isHtml }) => isHtml)
  const runs: Run[] = []
  for (const [n, group] of groups.entries()) {
    const isChanged = group.isChanged || (first <= n && n <= last)
    const run = runs.at(-1)
    if (run?.isChanged === isChanged) run.groups.push(group)
    else runs.push({ groups: [group], isChanged })
  }
  return runs
}

function hasChange(tokens: readonly Token[], known: Known): boolean {
  let lists = 0
  return tokens.some((token) => {
    if (token.type === 'list_item_open' || token.type === 'list_item_close') lists += token.nesting
    if (token.type === 'table_open' && lists > 0) return true
    return isUnknown(token, known) || hasChange(token.children ?? [], known)
  })
}

/** Whether some chat shows this token as its source. */
function isUnknown({ type, content, markup, meta }: Token, known: Known): boolean {
  switch (type) {
    case 'html_inline':
      return known.tags.isInline(content)
    case 'html_block':
      return known.tags.isBlock(content)
    case 'math':
      return markup === '$$'
    case 'math_block':
      return true
    case 'inline':
      return meta?.isTask === true
    case 'link_open':
    case 'image':
      return known.hasReferences
    default:
      return /^(?:footnote|d[ltd])_/.test(type)
  }
}
