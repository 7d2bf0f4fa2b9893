// Buffers that contain one file and nothing else: they are handed to a thread instead of copied.
// Small files share one.

export function ownBuffers(files: readonly { bytes: Uint8Array }[]): ArrayBuffer[] {
  const buffers = files.flatMap(({ bytes: { buffer, byteLength } }) =>
    buffer instanceof ArrayBuffer && buffer.byteLength === byteLength && byteLength > 0
      ? [buffer]
      : [],
  )
  return [...new Set(buffers)]
}
