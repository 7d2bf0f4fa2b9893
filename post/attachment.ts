// Anything a person attaches -> files with their true type: sniffed from the bytes, never taken from a name.
import { readFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { fileURLToPath } from 'node:url'
import { isAnyArrayBuffer } from 'node:util/types'
import { fileTypeFromBuffer } from 'file-type'
import { PostError, messageOf } from './error.ts'
import type { PostFile } from './schema.ts'

/** A drawing surface of node-canvas and its kin. */
interface CanvasLike {
  toBuffer(mimetype: 'image/png'): Uint8Array | Promise<Uint8Array>
}

/** A node of Observable Plot, jsdom and the like. */
interface NodeLike {
  outerHTML: string
}

/** One attachment; `post()` takes one or an array of these. */
export type Attachment =
  Uint8Array | ArrayBuffer | Blob | URL | string | CanvasLike | NodeLike | DisplayLike

/** Anything with a mimebundle of its own (Jupyter's convention for JavaScript kernels). */
export interface DisplayLike {
  [DISPLAY](): unknown
}

/** Jupyter's convention for JavaScript values with a form of their own. */
export const DISPLAY: unique symbol = Symbol.for('Jupyter.display')

/** @throws {PostError} `bad_attachment`, which names the attachment by its place. */
export async function attachmentFiles(attachment: unknown): Promise<PostFile[]> {
  const list: unknown[] = Array.isArray(attachment) ? attachment : [attachment]
  const files: PostFile[] = []
  for (const [i, value] of list.entries()) files.push(await attachmentFile(await value, i + 1))
  return files
}

/** A file of the disk, under its own name. @throws {PostError} `bad_attachment` */
export async function diskFile(path: string): Promise<PostFile> {
  try {
    return await sniffed(await readFile(path), basename(path))
  } catch (error) {
    const reason = messageOf(error)
    throw new PostError('bad_attachment', `Cannot attach ${path}: ${reason}`, { cause: error })
  }
}

async function attachmentFile(value: unknown, place: number): Promise<PostFile> {
  if (typeof value === 'string') return textFile(value, place)
  if (value instanceof URL) return urlFile(value, place)
  if (value instanceof Blob) {
    const name = 'name' in value && typeof value.name === 'string' ? value.name : undefined
    return sniffed(new Uint8Array(await value.arrayBuffer()), name ?? `attachment-${place}`)
  }
  const bytes = bytesOf(value)
  if (bytes !== undefined) return sniffed(bytes, `attachment-${place}`)
  if (typeof value === 'object' && value !== null) {
    const converted = await objectFile(value, place)
    if (converted !== undefined) return converted
  }
  throw new PostError(
    'bad_attachment',
    `Attachment ${place} is ${describe(value)}; expected bytes (Uint8Array, ArrayBuffer, Blob), SVG text, a file: URL, ` +
      'a canvas with toBuffer(), or an object that displays an image',
  )
}

async function objectFile(value: object, place: number): Promise<PostFile | undefined> {
  if ('toBuffer' in value && typeof value.toBuffer === 'function') {
    const bytes = bytesOf(await Reflect.apply(value.toBuffer, value, ['image/png']))
    if (bytes !== undefined) return sniffed(bytes, `attachment-${place}`)
  }
  if (DISPLAY in value && typeof value[DISPLAY] === 'function') {
    const file = await bundleFile(await Reflect.apply(value[DISPLAY], value, []), place)
    if (file !== undefined) return file
  }
  if ('outerHTML' in value && typeof value.outerHTML === 'string')
    return textFile(value.outerHTML, place)
  return undefined
}

async function bundleFile(bundle: unknown, place: number): Promise<PostFile | undefined> {
  if (typeof bundle !== 'object' || bundle === null) return undefined
  for (const [mimetype, value] of Object.entries(bundle)) {
    if (typeof value !== 'string') continue
    if (mimetype === 'image/svg+xml') return textFile(value, place)
    if (mimetype.startsWith('image/'))
      return sniffed(Buffer.from(value, 'base64'), `attachment-${place}`)
  }
  return undefined
}

async function urlFile(url: URL, place: number): Promise<PostFile> {
  if (url.protocol !== 'file:') {
    throw new PostError(
      'bad_attachment',
      `Attachment ${place} is the address ${url.origin}; only file: URLs are attached. Put a link into the message, or fetch it first`,
    )
  }
  return diskFile(fileURLToPath(url))
}

async function textFile(text: string, place: number): Promise<PostFile> {
  if (text.startsWith('file://')) return urlFile(new URL(text), place)
  const svg = /<svg[\s>]/i.exec(text.slice(0, 4096))
  if (svg === null) {
    throw new PostError(
      'bad_attachment',
      `Attachment ${place} is text that is no SVG; put text into the message, or attach a file as new URL('file:///...')`,
    )
  }
  const inner = text.slice(svg.index)
  const end = inner.lastIndexOf('</svg>')
  const bytes = Buffer.from(end === -1 ? inner : inner.slice(0, end + '</svg>'.length))
  return { name: `attachment-${place}.svg`, mimetype: 'image/svg+xml', bytes }
}

/** Bytes with the type that they have; the name gets the extension of that type if it has none. */
async function sniffed(bytes: Uint8Array, name: string): Promise<PostFile> {
  if (bytes.byteLength === 0)
    throw new PostError('bad_attachment', `The attachment ${name} is empty`)
  const type = await fileTypeFromBuffer(bytes)
  const isText = type === undefined || type.mime === 'application/xml'
  const head = Buffer.from(bytes.subarray(0, 4096)).toString('utf8')
  const [mimetype, extension] = !isText
    ? [type.mime, type.ext]
    : /^\s*(<\?xml[^>]*>\s*)?(<!--[\s\S]*?-->\s*|<!DOCTYPE[^>]*>\s*)*<svg[\s>]/i.test(head)
      ? ['image/svg+xml', 'svg']
      : head.includes('\0')
        ? ['application/octet-stream', 'bin']
        : ['text/plain', 'txt']
  return { name: /\.\w{1,8}$/.test(name) ? name : `${name}.${extension}`, mimetype, bytes }
}

/** Also of other realms: a cell may run in one of its own. */
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
