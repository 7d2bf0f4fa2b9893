// The type and size of an image, read from its first bytes and never from what is claimed.
import { Buffer } from 'node:buffer'

export interface Image {
  mimetype: 'image/png' | 'image/jpeg' | 'image/gif' | 'image/webp'
  name: string
  /** Pixels; absent if the header does not say. */
  size?: { width: number; height: number }
}

interface Format extends Omit<Image, 'size'> {
  at: number
  bytes: readonly number[]
  size(bytes: Buffer): { width: number; height: number } | undefined
}

const FORMATS: readonly Format[] = [
  {
    mimetype: 'image/png',
    name: 'PNG',
    at: 0,
    bytes: [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a],
    // The IHDR chunk comes first.
    size: (bytes) =>
      bytes.length < 24
        ? undefined
        : { width: bytes.readUInt32BE(16), height: bytes.readUInt32BE(20) },
  },
  {
    mimetype: 'image/jpeg',
    name: 'JPEG',
    at: 0,
    bytes: [0xff, 0xd8, 0xff],
    size: jpegSize,
  },
  {
    mimetype: 'image/gif',
    name: 'GIF',
    at: 0,
    bytes: [0x47, 0x49, 0x46, 0x38],
    size: (bytes) =>
      bytes.length < 10
        ? undefined
        : { width: bytes.readUInt16LE(6), height: bytes.readUInt16LE(8) },
  },
  // RIFF....WEBP
  {
    mimetype: 'image/webp',
    name: 'WebP',
    at: 8,
    bytes: [0x57, 0x45, 0x42, 0x50],
    size: webpSize,
  },
]

export function sniffImage(data: Uint8Array): Image | undefined {
  const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength)
  const format = FORMATS.find(({ at, bytes: signature }) =>
    signature.every((byte, index) => bytes[at + index] === byte),
  )
  if (!format) return undefined
  const { mimetype, name } = format
  const size = format.size(bytes)
  return { mimetype, name, ...(size && { size }) }
}

/** The first start-of-frame segment holds it. ITU-T T.81, B.2.2. */
function jpegSize(bytes: Buffer): Image['size'] {
  for (let at = 2; at + 9 <= bytes.length && bytes[at] === 0xff;) {
    const marker = bytes.readUInt8(at + 1)
    const isFrame = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker)
    if (isFrame) return { width: bytes.readUInt16BE(at + 7), height: bytes.readUInt16BE(at + 5) }
    at += marker === 0xff ? 1 : 2 + bytes.readUInt16BE(at + 2)
  }
  return undefined
}

/** Size of each of the three kinds of WebP. RFC 9649, 2.5 to 2.7. */
function webpSize(bytes: Buffer): Image['size'] {
  if (bytes.length < 30) return undefined
  switch (bytes.toString('latin1', 12, 16)) {
    case 'VP8 ':
      return {
        width: bytes.readUInt16LE(26) & 0x3fff,
        height: bytes.readUInt16LE(28) & 0x3fff,
      }
    case 'VP8L': {
      const bits = bytes.readUInt32LE(21)
      return { width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1 }
    }
    case 'VP8X':
      return { width: bytes.readUIntLE(24, 3) + 1, height: bytes.readUIntLE(27, 3) + 1 }
    default:
      return undefined
  }
}
