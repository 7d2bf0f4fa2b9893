// Writes pixels as a PNG (ISO 15948), for libraries that draw and have no encoder: the process that
// draws may load no native one.
import { crc32, deflateSync } from 'node:zlib'

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
/** 8 bits a channel, and red, green and blue. */
const DEPTH = 8
const TRUECOLOUR = 2

/** @param pixels - RGBA, row by row. What they let through is white already. */
export function opaquePng(pixels: Uint8Array, width: number, height: number): Uint8Array {
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  header.set([DEPTH, TRUECOLOUR], 8)
  return Buffer.concat([
    SIGNATURE,
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(rowsOf(pixels, width, height))),
    chunk('IEND', Buffer.alloc(0)),
  ])
}

/** Each row begins with the number of its filter, 0 for none. */
function rowsOf(pixels: Uint8Array, width: number, height: number): Buffer {
  const rows = Buffer.alloc(height * (1 + 3 * width))
  let to = 0
  for (let from = 0; from < 4 * width * height; from += 4) {
    if (from % (4 * width) === 0) to++
    rows[to++] = pixels[from] ?? 0
    rows[to++] = pixels[from + 1] ?? 0
    rows[to++] = pixels[from + 2] ?? 0
  }
  return rows
}

function chunk(type: string, content: Buffer): Buffer {
  const named = Buffer.concat([Buffer.from(type, 'latin1'), content])
  const [length, check] = [Buffer.alloc(4), Buffer.alloc(4)]
  length.writeUInt32BE(content.length)
  check.writeUInt32BE(crc32(named))
  return Buffer.concat([length, named, check])
}
