// The rich form of a value, recognised by its shape, so that no chart or table library is a
// dependency: images, DOM nodes, canvases, charts, tables. The user's own getters do not run; those
// that a library's classes offer do. A proxy is asked for one thing: the display protocol.
import { Buffer } from 'node:buffer'
import { types } from 'node:util'
import type { DisplayContent, MimeBundle } from '../../protocol/mimebundle.ts'
import { Array, Blob, Reflect, Symbol } from '../../api/primordials.ts'
import { jsonOf, normalizeBundle } from './bundles.ts'
import { read, throughProxy } from './descriptors.ts'
import { sniffImage } from './images.ts'
import { standalone } from './standalone-svg.ts'
import { svgText } from './svg-text.ts'
import { frameTable, recordsTable } from './table.ts'
import { settled } from './user-promises.ts'

export type Rich = Partial<DisplayContent> & { data: MimeBundle }

/** Characters shown of a node as text. */
const ELEMENT_TEXT = 500

const DISPLAY = Symbol.for('Jupyter.display')

/** Undefined if there is none. @throws what the value's `Symbol.for('Jupyter.display')` throws. */
export function richForm(value: object): Rich | undefined | Promise<Rich | undefined> {
  const display = read(value, DISPLAY) ?? throughProxy(value, DISPLAY)
  if (typeof display === 'function') {
    const bundle: unknown = Reflect.apply(display, value, [])
    return types.isPromise(bundle)
      ? settled(bundle).then(({ value: found }) => checked(found))
      : checked(bundle)
  }
  if (types.isProxy(value)) return undefined
  if (types.isUint8Array(value)) return image(value)
  if (types.isArrayBuffer(value)) return image(Buffer.from(value))
  if (value instanceof Blob) return ofBlob(value)
  if (Array.isArray(value)) return of('text/html', recordsTable(value))
  return element(value) ?? canvas(value) ?? chart(value) ?? frame(value)
}

function of(mimetype: string, data: unknown): Rich | undefined {
  return data === undefined ? undefined : { data: { [mimetype]: data } }
}

function checked(bundle: unknown): Rich | undefined {
  return typeof bundle === 'object' && bundle !== null
    ? { data: normalizeBundle(bundle) }
    : undefined
}

function image(bytes: Uint8Array): Rich | undefined {
  const found = sniffImage(bytes)
  if (!found) return undefined
  const { mimetype, name, size } = found
  const { buffer, byteOffset, byteLength } = bytes
  const pixels = size ? `, ${size.width} × ${size.height}` : ''
  const data = {
    [mimetype]: Buffer.from(buffer, byteOffset, byteLength).toString('base64'),
    'text/plain': `${name} image${pixels}, ${byteLength} bytes`,
  }
  return { data, ...(size && { metadata: { [mimetype]: size } }) }
}

async function ofBlob(blob: Blob): Promise<Rich | undefined> {
  const { value } = await settled(blob.arrayBuffer())
  const bytes = Buffer.from(value)
  if (blob.type.startsWith('image/svg+xml')) return of('image/svg+xml', bytes.toString('utf8'))
  return image(bytes)
}

/** DOM nodes of any implementation; Observable Plot. */
function element(value: object): Rich | undefined {
  const html = read(value, 'outerHTML')
  if (typeof html !== 'string') return undefined
  const isSvg = /^\s*<svg[\s>]/i.test(html)
  const form = isSvg
    ? { 'image/svg+xml': standalone(svgText(value) ?? html) }
    : { 'text/html': html }
  // The inner parts of a node would lead to the whole document.
  const text = html.length > ELEMENT_TEXT ? `${html.slice(0, ELEMENT_TEXT)}…` : html
  return { data: { ...form, 'text/plain': text } }
}

function frame(value: object): Rich | undefined {
  const table = frameTable(value)
  return table && { data: { 'text/html': table.html, 'text/plain': table.text } }
}

/** node-canvas, @napi-rs/canvas, skia-canvas. */
function canvas(value: object): Rich | undefined {
  const toDataURL = read(value, 'toDataURL')
  if (typeof toDataURL !== 'function') return undefined
  const url: unknown = Reflect.apply(toDataURL, value, ['image/png'])
  const match = typeof url === 'string' ? /^data:image\/png;base64,(.*)$/s.exec(url) : null
  return match ? (image(Buffer.from(match[1]!, 'base64')) ?? of('image/png', match[1])) : undefined
}

/** Vega and Vega-Lite specs (by `$schema`), builders with `toSpec`, Vega views, Plotly figures. */
function chart(value: object): Rich | undefined | Promise<Rich | undefined> {
  const schema = read(value, '$schema')
  if (typeof schema === 'string') return vega(schema, value)
  const toSpec = read(value, 'toSpec')
  if (typeof toSpec === 'function') {
    const spec: unknown = Reflect.apply(toSpec, value, [])
    const own = typeof spec === 'object' && spec !== null ? read(spec, '$schema') : undefined
    return vega(typeof own === 'string' ? own : '/schema/vega-lite/v5', spec)
  }
  const toSVG = read(value, 'toSVG')
  if (typeof toSVG === 'function' && typeof read(value, 'runAsync') === 'function') {
    return svgOf(Reflect.apply(toSVG, value, []))
  }
  const [data, layout] = [read(value, 'data'), read(value, 'layout')]
  if (!Array.isArray(data) || typeof layout !== 'object' || layout === null) return undefined
  if (!isTrace(data[0])) return undefined
  const [config, frames] = [read(value, 'config'), read(value, 'frames')]
  return of('application/vnd.plotly.v1+json', jsonOf({ data, layout, config, frames }))
}

function vega(schema: string, spec: unknown): Rich | undefined {
  const match = /\/schema\/(vega|vega-lite)\/v(\d+)/.exec(schema)
  if (!match) return undefined
  const name = match[1] === 'vega' ? 'vega' : 'vegalite'
  return of(`application/vnd.${name}.v${match[2]}+json`, jsonOf(spec))
}

async function svgOf(promise: unknown): Promise<Rich | undefined> {
  const svg = types.isPromise(promise) ? (await settled(promise)).value : promise
  return typeof svg === 'string' ? of('image/svg+xml', svg) : undefined
}

/** A trace names its type, or has data where the default type has them. */
function isTrace(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  return (
    typeof read(value, 'type') === 'string' ||
    ['x', 'y'].some((name) => Array.isArray(read(value, name)))
  )
}
