// A value -> what a front end can show. Always text/plain, by util.inspect; nothing a value does (throwing getters or toJSON, proxies,
// cycles, huge data) fails the cell. Rich forms are recognised by shape, so that no chart library is a dependency.
import { Buffer } from 'node:buffer'
import { inspect, types } from 'node:util'
import type { DisplayContent, MimeBundle } from '../../protocol/mimebundle.ts'
import { sniffImage } from './images.ts'
import {
  Array,
  ArrayBuffer,
  Blob,
  JSON,
  Object,
  Reflect,
  String,
  Symbol,
} from '../../api/primordials.ts'
import { recordsTable } from './table.ts'

const DISPLAY = Symbol.for('Jupyter.display')
/** Characters of text/plain; base64 of an image and text of a bundle are not cut. */
const TEXT = 100_000

export async function bundleOf(value: unknown): Promise<DisplayContent> {
  const content = richOf(value)
  return content
}

export function richOf(value: unknown): DisplayContent | Promise<DisplayContent> {
  const plain = { 'text/plain': plainText(value) }
  if (typeof value !== 'object' && typeof value !== 'function') return contentOf(plain)
  if (value === null || types.isProxy(value)) return contentOf(plain)
  try {
    const rich = richBundle(value)
    if (!types.isPromise(rich)) return contentOf({ ...plain, ...rich })
    return rich.then(
      (bundle) => contentOf({ ...plain, ...bundle }),
      (error: unknown) => contentOf(withFailure(plain, error)),
    )
  } catch (error) {
    return contentOf(withFailure(plain, error))
  }
}

export function plainText(value: unknown): string {
  let text: string
  try {
    text = inspect(value, { depth: 4, maxArrayLength: 200, maxStringLength: TEXT, breakLength: 80 })
  } catch (error) {
    text = `[cannot be shown: ${oneLine(error)}]`
  }
  return text.length > TEXT
    ? `${text.slice(0, TEXT)}\n... ${text.length - TEXT} more characters`
    : text
}

/** A value on one line, without colours: for messages of magics. */
export function oneLine(value: unknown): string {
  if (typeof value === 'string') return value
  try {
    return inspect(value, { depth: 4, breakLength: Infinity, compact: true, maxStringLength: TEXT })
  } catch {
    // Its own inspect method threw.
    return typeof value
  }
}

function withFailure(plain: MimeBundle, error: unknown): MimeBundle {
  return {
    'text/plain': `${String(plain['text/plain'])}\n[its rich form failed: ${oneLine(error)}]`,
  }
}

function richBundle(value: object): MimeBundle | undefined | Promise<MimeBundle | undefined> {
  const display = read(value, DISPLAY)
  if (typeof display === 'function') {
    const bundle: unknown = Reflect.apply(display, value, [])
    if (types.isPromise(bundle)) return bundle.then(checkBundle)
    return checkBundle(bundle)
  }
  if (types.isUint8Array(value)) return imageBundle(value)
  if (value instanceof Blob) {
    return value.arrayBuffer().then((bytes: ArrayBuffer) => imageBundle(Buffer.from(bytes)))
  }
  if (value instanceof ArrayBuffer) return imageBundle(Buffer.from(value))
  if (Array.isArray(value)) {
    const html = recordsTable(value)
    return html === undefined ? undefined : { 'text/html': html }
  }
  return elementBundle(value) ?? canvasBundle(value) ?? specBundle(value)
}

function imageBundle(bytes: Uint8Array): MimeBundle | undefined {
  const image = sniffImage(bytes)
  if (!image) return undefined
  const { buffer, byteOffset, byteLength } = bytes
  return {
    [image.mimetype]: Buffer.from(buffer, byteOffset, byteLength).toString('base64'),
    'text/plain': `${image.name} image, ${byteLength} bytes`,
  }
}

/** DOM nodes of any implementation, Observable Plot. */
function elementBundle(value: object): MimeBundle | undefined {
  const html = read(value, 'outerHTML')
  if (typeof html !== 'string') return undefined
  return /^\s*<svg[\s>]/i.test(html) ? { 'image/svg+xml': html } : { 'text/html': html }
}

/** node-canvas, @napi-rs/canvas, skia-canvas. */
function canvasBundle(value: object): MimeBundle | undefined {
  const toDataURL = read(value, 'toDataURL')
  if (typeof toDataURL !== 'function') return undefined
  const url: unknown = Reflect.apply(toDataURL, value, ['image/png'])
  const match = typeof url === 'string' ? /^data:(image\/[\w+.-]+);base64,(.*)$/s.exec(url) : null
  return match ? { [match[1]!]: match[2] } : undefined
}

/** Vega, Vega-Lite (with `$schema`) and Plotly figures. */
function specBundle(value: object): MimeBundle | undefined {
  const schema = read(value, '$schema')
  if (typeof schema === 'string') {
    const match = /\/schema\/(vega|vega-lite)\/v(\d+)/.exec(schema)
    if (!match) return undefined
    const name = match[1] === 'vega' ? 'vega' : 'vegalite'
    return { [`application/vnd.${name}.v${match[2]}+json`]: jsonOf(value) }
  }
  const [data, layout] = [read(value, 'data'), read(value, 'layout')]
  if (Array.isArray(data) && typeof layout === 'object' && layout !== null && isTrace(data[0])) {
    return { 'application/vnd.plotly.v1+json': jsonOf({ data, layout }) }
  }
  return undefined
}

function isTrace(value: unknown): boolean {
  return typeof value === 'object' && value !== null && typeof read(value, 'type') === 'string'
}

function checkBundle(bundle: unknown): MimeBundle | undefined {
  return typeof bundle === 'object' && bundle !== null ? normalizeBundle(bundle) : undefined
}

/** A bundle of user code -> one that can be sent: bytes as base64, JSON types as JSON, nothing else. */
export function normalizeBundle(bundle: object): MimeBundle {
  const entries = Object.entries(bundle).filter(
    ([mime, value]) => mime.includes('/') && value !== undefined,
  )
  return Object.fromEntries(
    entries.map(([mime, value]: [string, unknown]) => {
      if (types.isUint8Array(value)) {
        const bytes = Buffer.from(value.buffer, value.byteOffset, value.byteLength)
        return [
          mime,
          /^text\/|\+xml$/.test(mime) ? bytes.toString('utf8') : bytes.toString('base64'),
        ]
      }
      return [mime, typeof value === 'string' ? value : jsonOf(value)]
    }),
  )
}

/** As JSON, with BigInts as text. */
export function jsonOf(value: unknown): unknown {
  const text = JSON.stringify(value, (_key, item: unknown) =>
    typeof item === 'bigint' ? String(item) : item,
  )
  return text === undefined ? null : (JSON.parse(text) as unknown)
}

function contentOf(data: MimeBundle): DisplayContent {
  return { data, metadata: {} }
}

function read(target: object, key: PropertyKey): unknown {
  try {
    return Reflect.get(target, key)
  } catch {
    // A getter of the user threw: as good as absent.
    return undefined
  }
}
