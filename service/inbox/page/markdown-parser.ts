// Markdown of posts as tokens: raw HTML stays text, links go only to http, https and mailto,
// `$...$` is math.
import MarkdownIt from 'markdown-it'
import type { Token } from 'markdown-it'

type Markdown = InstanceType<typeof MarkdownIt>

const LINKS = ['http:', 'https:', 'mailto:']
const EMBEDDED = ['png', 'jpeg', 'gif', 'webp'].map((type) => `data:image/${type};base64,`)
/** Formulas are short: a longer search would make the cost of lone dollars quadratic. */
const MOST_TEX = 5000

export function isLink(url: string): boolean {
  const start = url.trim().toLowerCase()
  return LINKS.some((scheme) => start.startsWith(scheme))
}

/** An image that is part of the markdown itself. */
export function isEmbeddedImage(url: string): boolean {
  const start = url.trim().toLowerCase()
  return EMBEDDED.some((type) => start.startsWith(type))
}

/** @param breaks - A line break stays one in a MESSAGE, as in chats; in a cell it is a space. */
function makeMarkdown(breaks: boolean): Markdown {
  const markdown = new MarkdownIt({ html: false, linkify: true, breaks })
  markdown.linkify.set({ fuzzyLink: false, fuzzyEmail: false })
  markdown.validateLink = (url) => isLink(url) || isEmbeddedImage(url)
  addMath(markdown)
  return markdown
}

const MESSAGE = makeMarkdown(true)
const DOCUMENT = makeMarkdown(false)

export function parseMessage(text: string): Token[] {
  return withBreaks(MESSAGE.parse(text, {}))
}

export function parseDocument(text: string): Token[] {
  return DOCUMENT.parse(text, {})
}

/** The parser accepts `breaks`, but only its printer uses it. */
function withBreaks(tokens: Token[]): Token[] {
  for (const token of tokens) {
    if (token.type === 'softbreak') token.type = 'hardbreak'
    if (token.children) withBreaks(token.children)
  }
  return tokens
}

/**
 * `$...$` and `$$...$$`, by pandoc's rule: no space inside the single dollars and no digit after
 * the last one, so that `$5 and $6` are prices.
 */
function addMath(markdown: Markdown): void {
  markdown.inline.ruler.before('escape', 'math', (state, silent) => {
    const { src, pos } = state
    if (src[pos] !== '$') return false
    const mark = src.startsWith('$$', pos) ? '$$' : '$'
    const start = pos + mark.length
    const end = closingDollar(src, start, mark, state.posMax)
    if (end === -1) return false
    const tex = src.slice(start, end)
    const isSpaced = tex.trim() !== tex
    const isPrice = mark === '$' && (isSpaced || isDigit(src[end + 1] ?? ''))
    if (tex.trim() === '' || isPrice) return false
    if (!silent) {
      const token = state.push('math', '', 0)
      token.content = tex.trim()
      token.markup = mark
    }
    state.pos = end + mark.length
    return true
  })
}

function isDigit(character: string): boolean {
  return character >= '0' && character <= '9'
}

function closingDollar(src: string, start: number, mark: string, most: number): number {
  const last = Math.min(most, start + MOST_TEX) - mark.length
  for (let at = start; at <= last; at += 1)
    if (src[at] === '\\') at += 1
    else if (src.startsWith(mark, at)) return at
  return -1
}
