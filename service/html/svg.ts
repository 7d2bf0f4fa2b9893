// Drawings inside HTML, written anew as XML, because HTML allows more than XML.
import { isElement } from './tree.ts'
import type { HtmlElement, HtmlNode } from './tree.ts'

/** A name that XML allows; HTML allows almost any. */
const NAME = /^[A-Za-z_][\w.-]*(?::[A-Za-z_][\w.-]*)?$/

/**
 * Icons and hidden sprites do not count: their size is in the styles of a page, and without it they
 * are blots. Neither does an element that is never closed.
 */
export function isDrawing({ attributes, isClosed }: HtmlElement): boolean {
  const style = attributes.get('style') ?? ''
  const size = ['width', 'height'].map((name) => attributes.get(name)?.trim() ?? '')
  return (
    isClosed &&
    (attributes.has('viewBox') || attributes.has('width')) &&
    !/display\s*:\s*none|(?:width|height)\s*:\s*0(?![.\d])/i.test(style) &&
    !size.some((value) => /^0(?![.\d])/.test(value))
  )
}

/** @param more - Attributes to write before its own. */
export function svgText(node: HtmlNode, more = ''): string {
  if (!isElement(node)) return xmlText(node.text)
  if (!NAME.test(node.name)) return ''
  const attributes = [...node.attributes]
    .filter(([name]) => NAME.test(name))
    .map(([name, value]) => ` ${name}="${xmlText(value).replaceAll('"', '&quot;')}"`)
    .join('')
  let inside = ''
  for (const child of node.children) inside += svgText(child)
  const head = `<${node.name}${more}${attributes}`
  return inside === '' ? `${head}/>` : `${head}>${inside}</${node.name}>`
}

/** Escapes a text, and drops the characters that XML cannot express. */
export function xmlText(text: string): string {
  return text
    .replaceAll(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
}
