// Markdown of posts as tokens: raw HTML stays text, links go only to http, https and mailto,
// `$...$` is math.
import MarkdownIt from 'markdown-it'
import type { Token } from 'markdown-it'
import { addMath } from '../../render/markdown-math.ts'

type Markdown = InstanceType<typeof MarkdownIt>

const LINKS = ['http:', 'https:', 'mailto:']
const EMBEDDED = ['png', 'jpeg', 'gif', 'webp'].map((type) => `data:image/${type};base64,`)
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
