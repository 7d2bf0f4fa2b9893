// Displayed markdown as tokens, with what notebooks write beside CommonMark: raw HTML, formulas,
// footnotes, lists of definitions, tasks.
import MarkdownIt from 'markdown-it'
import type { Token } from 'markdown-it'
import deflist from 'markdown-it-deflist'
import footnote from 'markdown-it-footnote'

import { addMath } from '../render/markdown-math.ts'
import { addBlockMath } from './block-math.ts'

export type Markdown = InstanceType<typeof MarkdownIt>

/** @param breaks - A line break stays one in a MESSAGE, as in chats; in a cell it is a space. */
export function makeMarkdown(breaks: boolean): Markdown {
  const markdown = new MarkdownIt({ html: true, breaks, maxNesting: 50 })
  markdown.use(footnote).use(deflist)
  // Then an escaped character can be told from a typed one.
  markdown.core.ruler.disable('text_join')
  // `x^[1]` is no footnote.
  markdown.inline.ruler.disable('footnote_inline')
  addMath(markdown)
  addBlockMath(markdown)
  markdown.core.ruler.push('tasks', ({ tokens }) => addTasks(tokens))
  return markdown
}

const BOXES: Readonly<Record<string, string>> = { '[ ] ': '☐ ', '[x] ': '☑ ', '[X] ': '☑ ' }

/** `- [x] done` as a box: of the ways to show it, all chats know this one. */
function addTasks(tokens: readonly Token[]): void {
  for (const [n, token] of tokens.entries()) {
    if (token.type !== 'inline' || tokens[n - 2]?.type !== 'list_item_open') continue
    const first = token.children?.[0]
    const box = first?.type === 'text' ? BOXES[first.content.slice(0, 4)] : undefined
    if (!first || box === undefined) continue
    first.content = box + first.content.slice(4)
    token.meta = { isTask: true }
  }
}
