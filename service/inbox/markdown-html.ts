// Markdown of posts as HTML for the page: raw HTML stays text, links go to http, https and mailto only, images from elsewhere are links,
// math by KaTeX.
import MarkdownIt from 'markdown-it'
import { escapeHtml } from './escape-html.ts'
import { texHtml } from './tex.ts'

type Markdown = InstanceType<typeof MarkdownIt>

const LINK = /^(?:https?:|mailto:)/i
const EMBEDDED_IMAGE = /^data:image\/(?:png|jpeg|gif|webp);base64,/i

/** `breaks`: a line break in a MESSAGE is one, as in every chat; in markdown of a cell it is a space, as in the notebook. */
function makeMarkdown(breaks: boolean): Markdown {
  const markdown = new MarkdownIt({ html: false, linkify: true, breaks })
  markdown.linkify.set({ fuzzyLink: false, fuzzyEmail: false })
  markdown.validateLink = (url) => LINK.test(url.trim()) || EMBEDDED_IMAGE.test(url.trim())
  addMath(markdown)
  const { rules } = markdown.renderer
  rules.link_open = (tokens, index, options, _env, self) => {
    const token = tokens[index]
    // An embedded image is no place to go to.
    if (!LINK.test(String(token?.attrGet('href')).trim())) token?.attrSet('href', '#')
    token?.attrSet('target', '_blank')
    token?.attrSet('rel', 'noopener noreferrer nofollow')
    return self.renderToken(tokens, index, options)
  }
  rules.image = (tokens, index) => {
    const token = tokens[index]
    const url = String(token?.attrGet('src'))
    const alt = escapeHtml(token?.content || 'image')
    if (EMBEDDED_IMAGE.test(url)) return `<img src="${escapeHtml(url)}" alt="${alt}">`
    return `<a href="${escapeHtml(url)}" target="_blank" rel="noopener noreferrer nofollow">${alt}</a>`
  }
  rules.table_open = () =>
    '<div class="table" role="region" aria-label="Table" tabindex="0"><table>\n'
  rules.table_close = () => '</table></div>\n'
  rules.fence = (tokens, index) => {
    const { content = '', info = '' } = tokens[index] ?? {}
    const language = info.trim().split(/\s/)[0] ?? ''
    if (language === 'latex') return `<div class="math">${texHtml(content, true)}</div>\n`
    return codeHtml(content, language)
  }
  return markdown
}

const MESSAGE = makeMarkdown(true)
const DOCUMENT = makeMarkdown(false)

/** UTF-16 units; a megabyte of brackets or table borders would take seconds, in which nobody else is served. */
const MOST_MARKDOWN = 100_000

export function messageHtml(text: string): string {
  return render(MESSAGE, text)
}

export function documentHtml(text: string): string {
  return render(DOCUMENT, text)
}

/** Longer text than anybody reads stays as typed. */
function render(markdown: Markdown, text: string): string {
  return text.length > MOST_MARKDOWN ? codeHtml(text, '') : markdown.render(text)
}

/** Source code or plain text; focusable, because it scrolls. */
export function codeHtml(text: string, language: string): string {
  const label = language === '' ? '' : ` data-language="${escapeHtml(language)}"`
  return `<pre tabindex="0"${label}><code>${escapeHtml(text.replace(/\n$/, ''))}</code></pre>\n`
}

/**
 * `$...$` and `$$...$$`, by pandoc's rule: no space inside the single dollars and no digit after the last, so that `$5 and $6` are prices.
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
    const isPrice = mark === '$' && (/^\s|\s$/.test(tex) || /\d/.test(src[end + 1] ?? ''))
    if (tex.trim() === '' || isPrice) return false
    if (!silent) {
      const token = state.push('math', '', 0)
      token.content = tex.trim()
      token.markup = mark
    }
    state.pos = end + mark.length
    return true
  })
  markdown.renderer.rules.math = (tokens, index) => {
    const { content = '', markup = '' } = tokens[index] ?? {}
    return texHtml(content, markup === '$$')
  }
}

function closingDollar(src: string, start: number, mark: string, most: number): number {
  // Formulas are short: looking further would make many lone dollars cost the square of their number.
  const end = src
    .slice(start, Math.min(most, start + 5000))
    .search(mark === '$$' ? /(?<!\\)\$\$/ : /(?<!\\)\$/)
  return end === -1 ? -1 : start + end
}
