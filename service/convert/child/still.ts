// A bitmap as the chat takes it: stills are decoded and written anew, which drops place, camera and text from them and anything hidden
// behind the picture; too many pixels or bytes make it smaller. Animations stay as they are.
import { fileTypeFromBuffer } from 'file-type'
import sharp from 'sharp'
import type { Sharp } from 'sharp'

import { MOST_PIXELS_IN } from '../jobs.ts'
import type { Outcome, PictureLimits } from '../jobs.ts'

/** Formats that are handed to their decoders; sharp would also try SVG, PDF and others. */
const READ = new Set([
  'image/png',
  'image/apng',
  'image/jpeg',
  'image/gif',
  'image/webp',
  'image/avif',
  'image/tiff',
])
/** Pixels of all frames: a browser decodes every one. */
const MOST_PIXELS_MOVING = 1_000_000_000
const JPEG_QUALITY = 90
const ATTEMPTS = 6

// Nor may libvips choose another: it knows formats that name files.
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
    // sharp's words are about its decoder; for a reader one sentence is enough.
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
  // `autoOrient` turns the picture as its metadata, which is about to go, says.
  let image: Sharp = sharp(bytes, {
    limitInputPixels: MOST_PIXELS_IN,
    failOn: 'error',
  }).autoOrient()
  if (scale < 1) {
    const size = { width: Math.floor(width * scale), height: Math.floor(height * scale) }
    // Of a picture on its side the two are exchanged, so the larger box is what both fit in.
    const longest = Math.max(1, size.width, size.height)
    image = image.resize({ width: longest, height: longest, fit: 'inside' })
  }
  image = jpeg ? image.jpeg({ quality: JPEG_QUALITY }) : image.png()
  return image.toBuffer({ resolveWithObject: true })
}
