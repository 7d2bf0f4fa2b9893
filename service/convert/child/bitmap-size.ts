// Size of a bitmap from its first bytes, before anything decodes it: a small file may claim
// gigabytes.

/** In pixels. */
export interface Size {
  width: number
  height: number
}

/** For PNG, GIF and JPEG, which resvg draws; undefined for others and if cut before the size. */
export function bitmapSize(bytes: Uint8Array): Size | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  try {
    return pngSize(view) ?? gifSize(view) ?? jpegSize(view)
  } catch (error) {
    // The file is cut: read past its end.
    if (error instanceof RangeError) return undefined
    throw error
  }
}

/** PNG 1.2, 4.1.1. */
function pngSize(view: DataView): Size | undefined {
  if (view.getUint32(0) !== 0x89504e47) return undefined
  return { width: view.getUint32(16), height: view.getUint32(20) }
}

/** GIF89a, 18. */
function gifSize(view: DataView): Size | undefined {
  if (view.getUint32(0) !== 0x47494638) return undefined
  return { width: view.getUint16(6, true), height: view.getUint16(8, true) }
}

/** The first frame header, past the segments before it (ITU T.81, B.2.2). */
function jpegSize(view: DataView): Size | undefined {
  if (view.getUint16(0) !== 0xffd8) return undefined
  let at = 2
  while (view.getUint8(at) === 0xff) {
    const marker = view.getUint8(at + 1)
    const isFrame = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker)
    if (isFrame) return { width: view.getUint16(at + 7), height: view.getUint16(at + 5) }
    // Fill bytes, and markers that stand alone, have no length.
    if (marker === 0xff) at++
    else at += 2 + ((marker >= 0xd0 && marker <= 0xd9) || marker === 1 ? 0 : view.getUint16(at + 2))
  }
  return undefined
}
