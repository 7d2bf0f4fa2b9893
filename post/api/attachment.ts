// Turns anything that a person attaches into bytes with a name. It reads values of user code, so it
// runs in their process and relies on no global. `file-types.ts` finds the type of the bytes later.
import { Blob, Buffer } from 'node:buffer'
import { stat } from 'node:fs/promises'
import { basename, resolve } from 'node:path'
import { URL, fileURLToPath } from 'node:url'
import { isAnyArrayBuffer } from 'node:util/types'
import { fileOfDisk, LONGEST_FILE, LONGEST_WORDS } from './disk-file.ts'
import { drawingOf } from './drawing.ts'
import { PostError } from '../contract/error.ts'
import { Array, ArrayBuffer, Object, Reflect, Uint8Array } from '../contract/primordials.ts'
import type { UntypedFile } from '../contract/schema.ts'

const LONGEST_PATH = 500

/** A drawing surface of node-canvas and its kin. */
interface CanvasLike {
  toBuffer(mimetype: 'image/png'): Uint8Array | Promise<Uint8Array>
}

/** A Vega view. */
interface ViewLike {
  toSVG(): string | Promise<string>
}

/** A node of Observable Plot, jsdom and the like. */
interface NodeLike {
  outerHTML: string
}

/** The body of an answer, such as that of `fetch`. */
interface BodyLike {
  arrayBuffer(): Promise<ArrayBuffer>
}

/** One attachment; `post()` takes one or an array of these. A text is a path, or SVG. */
export type Attachment =
  | Uint8Array
  | ArrayBuffer
  | Blob
  | URL
  | string
  | CanvasLike
  | ViewLike
  | NodeLike
  | DisplayLike
  | BodyLike
  | AsyncIterable<Uint8Array | string>

/** Anything that makes its own mimebundle (Jupyter's convention for JavaScript kernels). */
export interface DisplayLike {
  [DISPLAY](): unknown
}

/**
 * Jupyter's name for the method by which a JavaScript value says how it is displayed. The global
 * `Symbol`, because TypeScript infers a unique symbol from no other name.
 */
export const DISPLAY: unique symbol = Symbol.for('Jupyter.display')
/** Taken when this file is loaded: a cell may replace the global. */
const STREAM: typeof Symbol.asyncIterator = Symbol.asyncIterator

/** @throws {PostError} `bad_attachment`, which tells the attachment by its position. */
export async function attachmentFiles(attachment: unknown): Promise<UntypedFile[]> {
  const list: unknown[] = Array.isArray(attachment) ? attachment : [attachment]
  const files: UntypedFile[] = []
  for (const [i, given] of list.entries()) {
    const value: unknown = await given
    if (value !== undefined && value !== null) files.push(await attachmentFile(value, i + 1))
  }
  return files
}

/** Whether a value, in the place of a message, is attached: bytes, or what makes a picture. */
export function isAttachment(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  return (
    bytesOf(value) !== undefined ||
    ['toBuffer', DISPLAY, 'toSVG', 'outerHTML', 'arrayBuffer'].some((name) => name in value) ||
    STREAM in value
  )
}

async function attachmentFile(value: unknown, place: number): Promise<UntypedFile> {
  if (typeof value === 'string') return textFile(value, place)
  if (value instanceof URL) return urlFile(value, place)
  if (value instanceof Blob) {
    const name = 'name' in value && typeof value.name === 'string' ? value.name : undefined
    const bytes = new Uint8Array(await value.arrayBuffer())
    return { name: name ?? `attachment-${place}${textExtension(value.type)}`, bytes }
  }
  const bytes = bytesOf(value)
  if (bytes !== undefined) return { name: `attachment-${place}`, bytes }
  if (typeof value === 'object' && value !== null) {
    const converted = await objectFile(value, place)
    if (converted !== undefined) return converted
  }
  throw new PostError(
    'bad_attachment',
    `Attachment ${place} is ${describe(value)}; expected bytes (Uint8Array, ArrayBuffer, Blob), the path or file: URL of a file, SVG text, ` +
      'a stream, a canvas with toBuffer(), or an object that displays an image',
  )
}

/**
 * Kinds of text that cannot be told apart by their bytes: the type of a `Blob` decides the
 * extension.
 */
const TEXTS: ReadonlyArray<readonly [mimetype: string, extension: string]> = [
  ['text/csv', '.csv'],
  ['text/tab-separated-values', '.tsv'],
  ['text/markdown', '.md'],
  ['text/html', '.html'],
  ['application/json', '.json'],
]

/** @param type - The type of a `Blob`: `text/csv;charset=utf-8`. */
function textExtension(type: string): string {
  const found = TEXTS.find(([mimetype]) => type === mimetype || type.startsWith(`${mimetype};`))
  return found?.[1] ?? ''
}

async function objectFile(value: object, place: number): Promise<UntypedFile | undefined> {
  if ('toBuffer' in value && typeof value.toBuffer === 'function') {
    const bytes = bytesOf(await Reflect.apply(value.toBuffer, value, ['image/png']))
    if (bytes !== undefined) return { name: `attachment-${place}`, bytes }
  }
  if (DISPLAY in value && typeof value[DISPLAY] === 'function') {
    const file = await bundleFile(await Reflect.apply(value[DISPLAY], value, []), place)
    if (file !== undefined) return file
  }
  if ('toSVG' in value && typeof value.toSVG === 'function') {
    const svg: unknown = await Reflect.apply(value.toSVG, value, [])
    if (typeof svg === 'string') return textFile(svg, place)
  }
  if ('outerHTML' in value && typeof value.outerHTML === 'string')
    return textFile(value.outerHTML, place)
  if ('arrayBuffer' in value && typeof value.arrayBuffer === 'function') {
    const body = bytesOf(await Reflect.apply(value.arrayBuffer, value, []))
    if (body !== undefined) return { name: `attachment-${place}`, bytes: body }
  }
  return streamFile(value, place)
}

/** A stream of Node or of the web, read to its end. */
async function streamFile(value: object, place: number): Promise<UntypedFile | undefined> {
  if (!isAsyncIterable(value)) return undefined
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of value) {
    const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : bytesOf(chunk)
    if (bytes === undefined) {
      throw new PostError(
        'bad_attachment',
        `Attachment ${place} is a stream of ${describe(chunk)}; expected one of bytes or text`,
      )
    }
    size += bytes.byteLength
    if (size > LONGEST_FILE)
      throw new PostError('too_large', `Attachment ${place} is a stream of ${LONGEST_WORDS}`)
    // One that gives nothing for ever fills no memory.
    if (bytes.byteLength > 0) chunks.push(bytes)
  }
  const path = 'path' in value && typeof value.path === 'string' ? value.path : undefined
  const name = path === undefined ? `attachment-${place}` : basename(path)
  return { name, bytes: Buffer.concat(chunks) }
}

function isAsyncIterable(value: object): value is AsyncIterable<unknown> {
  return STREAM in value
}

async function bundleFile(bundle: unknown, place: number): Promise<UntypedFile | undefined> {
  if (typeof bundle !== 'object' || bundle === null) return undefined
  for (const [mimetype, value] of Object.entries(bundle)) {
    if (typeof value !== 'string') continue
    if (mimetype === 'image/svg+xml') return textFile(value, place)
    if (mimetype.startsWith('image/'))
      return { name: `attachment-${place}`, bytes: Buffer.from(value, 'base64') }
  }
  return undefined
}

async function urlFile(url: URL, place: number): Promise<UntypedFile> {
  if (url.protocol !== 'file:') {
    throw new PostError(
      'bad_attachment',
      `Attachment ${place} is the address ${url.origin}; only file: URLs are attached. Put a link into the message, or fetch it first`,
    )
  }
  return fileOfDisk(fileURLToPath(url))
}

async function textFile(text: string, place: number): Promise<UntypedFile> {
  if (text.startsWith('file://')) return urlFile(new URL(text), place)
  const svg = drawingOf(text)
  if (svg === undefined) return pathFile(text, place)
  return { name: `attachment-${place}`, bytes: Buffer.from(svg) }
}

async function pathFile(text: string, place: number): Promise<UntypedFile> {
  if (/^https?:\/\//i.test(text)) {
    throw new PostError(
      'bad_attachment',
      `Attachment ${place} is an address in the web: put it into the message as a link, or fetch it first`,
    )
  }
  // A long text with line ends is no path, and not repeated.
  if (text.length > LONGEST_PATH || /[\n\0]/.test(text)) {
    throw new PostError(
      'bad_attachment',
      `Attachment ${place} is text of ${text.length} characters that is no SVG: expected the path of a file; ` +
        'text goes into the message, or as a file with Buffer.from()',
    )
  }
  const path = resolve(text)
  const found = await stat(path).catch(() => undefined)
  if (found?.isDirectory() === false) return fileOfDisk(path)
  const what = found === undefined ? 'does not exist' : 'is a folder'
  throw new PostError(
    'bad_attachment',
    `Attachment ${place}, ${text}, ${what}: expected the path of a file, or SVG; text goes into the message`,
  )
}

/** Works for values of other realms too: a cell may have made one with `node:vm`. */
function bytesOf(value: unknown): Uint8Array | undefined {
  if (ArrayBuffer.isView(value)) {
    return new Uint8Array(value.buffer, value.byteOffset, value.byteLength)
  }
  return isAnyArrayBuffer(value) ? new Uint8Array(value) : undefined
}

function describe(value: unknown): string {
  if (value === null) return 'null'
  if (typeof value !== 'object') return `a ${typeof value}`
  return `an object of class ${value.constructor?.name ?? 'Object'}`
}
