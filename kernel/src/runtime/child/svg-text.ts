// A drawing made by a DOM library -> XML. What these write as `outerHTML` is HTML, which an image
// may not contain: `&` and `<` in attributes, `&nbsp;`, `<br>`.
import { Reflect } from '../../api/primordials.ts'
import { read } from './descriptors.ts'

const XHTML = 'http://www.w3.org/1999/xhtml'
const NAME = /^[A-Za-z_][\w.:-]*$/
// eslint-disable-next-line no-control-regex
const NO_XML = /[\0-\x08\v\f\x0e-\x1f\ufffe\uffff]/g

/** Nodes of one drawing. */
const NODES = 5_000_000

interface Step {
  node: object | undefined
  /** Written when there is no node. */
  end: string
  isHtml: boolean
}

/** Undefined for what is no node, and for too many nodes. */
export function svgText(root: object): string | undefined {
  // What only looks like an element is shown as it says itself.
  if (read(root, 'nodeType') !== 1) return undefined
  const parts: string[] = []
  const steps: Step[] = [{ node: root, end: '', isHtml: false }]
  let count = 0
  for (let step = steps.pop(); step; step = steps.pop()) {
    const { node, end, isHtml } = step
    if (!node) {
      parts.push(end)
      continue
    }
    if (++count > NODES) return undefined
    switch (read(node, 'nodeType')) {
      case 1: {
        const element = startOf(node, isHtml)
        if (!element) return undefined
        const inner = children(node)
        parts.push(inner.length === 0 ? `${element.start}/>` : `${element.start}>`)
        if (inner.length === 0) break
        steps.push({ node: undefined, end: `</${element.name}>`, isHtml })
        for (let index = inner.length - 1; index >= 0; index--) {
          steps.push({ node: inner[index], end: '', isHtml: element.isHtml })
        }
        break
      }
      case 3:
      case 4:
        parts.push(escape(read(node, 'data') ?? read(node, 'nodeValue')))
        break
      default:
      // Comments say nothing in a picture.
    }
  }
  return parts.join('')
}

function startOf(
  element: object,
  inHtml: boolean,
): { name: string; start: string; isHtml: boolean } | undefined {
  const [local, prefix] = [read(element, 'localName'), read(element, 'prefix')]
  if (typeof local !== 'string') return undefined
  const name = typeof prefix === 'string' && !local.includes(':') ? `${prefix}:${local}` : local
  if (!NAME.test(name)) return undefined
  const isHtml = read(element, 'namespaceURI') === XHTML
  const attributes = attributesOf(element)
  if (attributes === undefined) return undefined
  const space = isHtml && !inHtml && !attributes.includes(' xmlns=') ? ` xmlns="${XHTML}"` : ''
  return { name, start: `<${name}${space}${attributes}`, isHtml }
}

function attributesOf(element: object): string | undefined {
  const [names, valueOf] = [read(element, 'getAttributeNames'), read(element, 'getAttribute')]
  if (typeof names !== 'function' || typeof valueOf !== 'function') return undefined
  const list: unknown = Reflect.apply(names, element, [])
  if (typeof list !== 'object' || list === null) return undefined
  let text = ''
  for (let index = 0; ; index++) {
    const name: unknown = Reflect.get(list, index)
    if (typeof name !== 'string') return text
    if (NAME.test(name)) text += ` ${name}="${escape(Reflect.apply(valueOf, element, [name]))}"`
  }
}

function children(node: object): object[] {
  const found: object[] = []
  for (let child = read(node, 'firstChild'); isNode(child); child = read(child, 'nextSibling')) {
    if (found.push(child) > NODES) break
  }
  return found
}

function isNode(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}

function escape(value: unknown): string {
  return (typeof value === 'string' ? value : '')
    .toWellFormed()
    .replaceAll(NO_XML, '\ufffd')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
}
