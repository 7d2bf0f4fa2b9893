// A bitmap as the chat takes it. Stills are decoded and written anew, which drops their place,
// camera and texts and anything hidden after the picture; one with too many pixels or bytes is made
// smaller. Animations stay as they are.
import { fileTypeFromBuffer } from 'file-type'
import sharp from 'sharp'
import type { Sharp } from 'sharp'

import { MOST_PIXELS_IN } from '../jobs.ts'
import type { Outcome, PictureLimits } from '../jobs.ts'

/** Formats passed to their decoders; sharp would also try SVG, PDF and others. */
const READ = new Set([
  'image/png',
  'image/apng',
  'image/jpeg',
  'image/gif',
  'image/webp',
  'image/avif',
  'image/tiff',
])
/** Pixels of all frames: a browser decodes each of them. */
const MOST_PIXELS_MOVING = 1_000_000_000
const JPEG_QUALITY = 90
const ATTEMPTS = 6

// libvips may not choose other decoders either: some of its formats name files.
sharp.block({ operation: ['VipsForeignLoad'] })
sharp.unblock({
  operation: [
    'VipsForeignLoadPngBuffer',
    'VipsForeignLoadJpegBuffer',
    'VipsForeignLoadNsgifBuffer',
    'VipsForeignLoadWebpBuffer',
    'VipsForeignLoadHeifBuffer',
    'VipsForeignLoadTiffBuffer',
  ],
})
sharp.cache(false)
sharp.concurrency(1)

export async function convertStill(bytes: Uint8Array, limits: PictureLimits): Promise<Outcome> {
  const type = (await fileTypeFromBuffer(bytes))?.mime
  if (type === undefined || !READ.has(type)) return { kind: 'unreadable', why: 'it is no picture' }
  let facts
  try {
    facts = await sharp(bytes, { limitInputPixels: false }).metadata()
  } catch {
    // sharp's message is about its decoder; one sentence is enough for a reader.
    return { kind: 'unreadable', why: 'it is broken' }
  }
  const { width, height, pages = 1, pageHeight = height } = facts
  const frame = width * pageHeight
  if (frame > MOST_PIXELS_IN) {
    return {
      kind: 'refused',
      why: `${width} × ${pageHeight} pixels, the relay opens up to ${MOST_PIXELS_IN / 1e6} million`,
    }
  }
  const moving = pages > 1 || type === 'image/apng'
  const fits = frame <= limits.pixels && bytes.byteLength <= limits.bytes
  if (moving && fits && frame * pages <= MOST_PIXELS_MOVING) return { kind: 'as it is' }
  const notes = moving ? ['the first frame of an animation too large for the chat'] : []
  return encode(bytes, { width, height: pageHeight, jpeg: type === 'image/jpeg', notes }, limits)
}

interface Still {
  width: number
  height: number
  jpeg: boolean
  notes: string[]
}

async function encode(bytes: Uint8Array, still: Still, limits: PictureLimits): Promise<Outcome> {
  const { width, height, jpeg } = still
  let scale = Math.min(1, Math.sqrt(limits.pixels / (width * height)) * 0.999)
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    let made
    try {
      made = await written(bytes, scale, still)
    } catch {
      return { kind: 'unreadable', why: 'it is broken' }
    }
    if (made.data.byteLength <= limits.bytes) {
      const notes = [...still.notes]
      if (scale < 1) {
        const { info } = made
        notes.push(`scaled from ${width} × ${height} to ${info.width} × ${info.height} pixels`)
      }
      return { kind: 'picture', bytes: made.data, extension: jpeg ? 'jpg' : 'png', notes }
    }
    scale *= Math.min(0.8, Math.sqrt(limits.bytes / made.data.byteLength) * 0.95)
  }
  return { kind: 'refused', why: 'it is too large for the chat at any size' }
}

async function written(bytes: Uint8Array, scale: number, { width, height, jpeg }: Still) {
  // `autoOrient` turns the picture as its metadata says, which is then dropped.
  let image: Sharp = sharp(bytes, {
    limitInputPixels: MOST_PIXELS_IN,
    failOn: 'error',
  }).autoOrient()
  if (scale < 1) {
    const size = { width: Math.floor(width * scale), height: Math.floor(height * scale) }
    // A picture on its side swaps the two, so use a box that both fit into.
    const longest = Math.max(1, size.width, size.height)
    image = image.resize({ width: longest, height: longest, fit: 'inside' })
  }
  image = jpeg ? image.jpeg({ quality: JPEG_QUALITY }) : image.png()
  return image.toBuffer({ resolveWithObject: true })
}
