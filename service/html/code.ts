// Preformatted text, as highlighters of code (Pygments, Sphinx, Prism, Rouge) write it too: its
// language, and its lines without their numbers.
import { fenceMark } from '../../post/text/fence.ts'
import { classesOf } from './elements.ts'
import { inOrder, isElement } from './tree.ts'
import type { HtmlElement } from './tree.ts'

/** Before the language in a class; the first is what HTML itself recommends. */
const PREFIXES = ['language-', 'lang-', 'highlight-source-', 'highlight-']
/** What a chat takes as a language. */
const LANGUAGE = /^[a-z][a-z\d+#_-]{0,31}$/
/** Names of no language, and those that make a formula of code in a chat. */
const NONE = new Set(['default', 'none', 'text', 'plaintext', 'tex', 'latex', 'math', 'katex'])
const LINE_NUMBERS = new Set(['linenos', 'lineno'])

/** @returns Undefined if there is none. */
export function languageOf({ attributes }: HtmlElement): string | undefined {
  const words = [attributes.get('data-lang') ?? '', attributes.get('data-language') ?? '']
  for (const one of classesOf(attributes)) {
    const prefix = PREFIXES.find((start) => one.startsWith(start))
    if (prefix !== undefined) words.push(one.slice(prefix.length))
  }
  return words
    .map((word) => word.trim().toLowerCase())
    .find((word) => LANGUAGE.test(word) && !NONE.has(word))
}

/**
 * Its lines as a fence of markdown; empty if they are blank.
 *
 * @param outer - The language if neither the element nor the one in it has one.
 */
export function fencedCode(node: HtmlElement, outer: string): string {
  const text = preformattedText(node)
    .replace(/^\n/, '')
    .replace(/(?<!\n)\n+$/, '')
  if (text.trim() === '') return ''
  const mark = fenceMark(text)
  const [inside] = node.children.filter(isElement)
  const language = [node, inside].map((one) => one && languageOf(one)).find(Boolean)
  return `${mark}${language ?? outer}\n${text}\n${mark}`
}

function preformattedText(node: HtmlElement): string {
  let text = ''
  for (const one of inOrder(node, isLineNumber)) {
    if (!isElement(one)) text += one.text
    else if (one.name === 'br') text += '\n'
  }
  return text.replaceAll(/\r\n?/g, '\n')
}

/** The cell with the code, of a table whose other cell has the numbers of its lines. */
export function numberedCode(table: HtmlElement): HtmlElement | undefined {
  if (!classesOf(table.attributes).includes('highlighttable')) return undefined
  for (const one of inOrder(table))
    if (isElement(one) && one.name === 'td' && classesOf(one.attributes).includes('code'))
      return one
  return undefined
}

function isLineNumber({ attributes }: HtmlElement): boolean {
  return classesOf(attributes).some((one) => LINE_NUMBERS.has(one))
}
