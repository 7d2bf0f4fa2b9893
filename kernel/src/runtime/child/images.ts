// The type of an image by its first bytes: what bytes are is sniffed, never trusted.

export interface ImageType {
  mimetype: 'image/png' | 'image/jpeg' | 'image/gif' | 'image/webp'
  name: string
}

const SIGNATURES: ReadonlyArray<ImageType & { at: number; bytes: readonly number[] }> = [
  {
    mimetype: 'image/png',
    name: 'PNG',
    at: 0,
    bytes: [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a],
  },
  { mimetype: 'image/jpeg', name: 'JPEG', at: 0, bytes: [0xff, 0xd8, 0xff] },
  { mimetype: 'image/gif', name: 'GIF', at: 0, bytes: [0x47, 0x49, 0x46, 0x38] },
  // RIFF....WEBP
  { mimetype: 'image/webp', name: 'WebP', at: 8, bytes: [0x57, 0x45, 0x42, 0x50] },
]

export function sniffImage(bytes: Uint8Array): ImageType | undefined {
  return SIGNATURES.find((signature) =>
    signature.bytes.every((byte, index) => bytes[signature.at + index] === byte),
  )
}
