// Pictures for tests, real ones made by sharp, and checks of the pictures that come back.
import { deflateSync } from 'node:zlib'
import { crc32 } from 'node:zlib'
import sharp from 'sharp'

/** A bitmap of one colour. */
export function plain(width: number, height: number, background: string) {
  return sharp({ create: { width, height, channels: 3, background } })
}

/** Size of a picture, and the colour at each point as `r,g,b`. */
export async function look(bytes: Uint8Array, ...points: Array<[x: number, y: number]>) {
  const { data, info } = await sharp(bytes)
    .removeAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true })
  const at = ([x, y]: [number, number]) => {
    const start = (y * info.width + x) * info.channels
    return Array.from(data.subarray(start, start + 3)).join(',')
  }
  return { size: [info.width, info.height], colours: points.map(at) }
}

/** Share of pixels darker than half, 0 to 1. */
export async function ink(bytes: Uint8Array): Promise<number> {
  const { data, info } = await sharp(bytes)
    .greyscale()
    .removeAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true })
  return data.filter((value) => value < 128).length / (info.width * info.height)
}

/** A PNG that claims a size and has next to no data (PNG 1.2, chunks). */
export function pngBomb(width: number, height: number): Buffer {
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  header.set([8, 2, 0, 0, 0], 8)
  const data = deflateSync(Buffer.alloc(100_000))
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
  return Buffer.concat([
    signature,
    pngChunk('IHDR', header),
    pngChunk('IDAT', data),
    pngChunk('IEND', Buffer.alloc(0)),
  ])
}

export function pngChunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data])
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)]
  length.writeUInt32BE(data.length)
  sum.writeUInt32BE(crc32(body))
  return Buffer.concat([length, body, sum])
}

/** An animation with this many frames, each in another colour. */
export async function gif(frames: number, width = 16, height = 16): Promise<Buffer> {
  const pixels = Buffer.alloc(frames * width * height * 3)
  for (let n = 0; n < frames; n++) {
    const start = n * width * height * 3
    pixels.fill((n * 37) % 256, start, start + width * height * 3)
  }
  return sharp(pixels, {
    raw: { width, height: height * frames, channels: 3, pageHeight: height },
    limitInputPixels: false,
  })
    .gif({ delay: Array<number>(frames).fill(50) })
    .toBuffer()
}

export function svg(inside: string, size = 'width="40" height="20"'): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" ${size}>${inside}</svg>`
}

/** Keeps resvg busy for minutes, in native code and with little memory. */
export const HANGING_SVG = svg(
  `<filter id="f"><feTurbulence baseFrequency="0.9" numOctaves="100000"/></filter><rect width="900" height="900" filter="url(#f)"/>`,
  'width="900" height="900"',
)
