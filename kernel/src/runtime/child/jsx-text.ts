// An element as it was written, on a few lines: `<Chart width={3} />`. No code of it runs.
import { Array, Object, String } from '../../api/primordials.ts'
import { ownValue } from './descriptors.ts'
import { oneLine } from './plain-text.ts'

/** Bounds: characters of a value, of an element; elements of a list; attributes. */
const VALUE = 40
const ELEMENT = 200
const ITEMS = 10
const ATTRIBUTES = 20

export function jsxText(value: object): string {
  if (!Array.isArray(value)) return elementText(value)
  const items: unknown[] = value
  const shown = items.slice(0, ITEMS).map((item) => (isObject(item) ? elementText(item) : ''))
  const left = items.length - shown.length
  return [...shown, ...(left > 0 ? [`… ${left} more elements`] : [])].join('\n')
}

function elementText(element: object): string {
  const name = typeName(ownValue(element, 'type'))
  const props = ownValue(element, 'props')
  const given = isObject(props) && !Array.isArray(props) ? props : {}
  const attributes = Object.keys(given)
    .filter((key) => key !== 'children')
    .slice(0, ATTRIBUTES)
    .map((key) => attribute(key, ownValue(given, key)))
    .join('')
  const children = ownValue(given, 'children') ?? ownValue(element, 'children')
  const start = `<${name}${cut(attributes, ELEMENT)}`
  if (children === undefined || children === null) return name === '' ? '<></>' : `${start} />`
  return `${start}>${childrenText(children)}</${name}>`
}

function typeName(type: unknown): string {
  if (typeof type === 'string') return type
  if (typeof type === 'function') {
    const [shown, name] = [ownValue(type, 'displayName'), ownValue(type, 'name')]
    if (typeof shown === 'string' && shown !== '') return shown
    if (name === 'Fragment') return ''
    return typeof name === 'string' && name !== '' ? name : 'Component'
  }
  // React's Fragment is a symbol; `memo` and the like wrap a component.
  if (typeof type === 'symbol') return type.description?.includes('ragment') ? '' : 'Component'
  if (!isObject(type)) return 'Component'
  return typeName(ownValue(type, 'type') ?? ownValue(type, 'render') ?? ownValue(type, 'name'))
}

function attribute(key: string, value: unknown): string {
  if (value === true) return ` ${key}`
  if (typeof value === 'string' && !value.includes('"')) return ` ${key}="${cut(value, VALUE)}"`
  if (typeof value === 'function') return ` ${key}={…}`
  return ` ${key}={${cut(oneLine(value), VALUE)}}`
}

function childrenText(children: unknown): string {
  if (typeof children === 'string') return cut(children, VALUE)
  return typeof children === 'number' ? String(children) : '…'
}

function cut(text: string, length: number): string {
  return text.length > length ? `${text.slice(0, length)}…` : text
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}
