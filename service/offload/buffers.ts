// Buffers that hold one file and nothing else: they change hands between threads instead of being copied. Small ones share one.

export function ownBuffers(files: readonly { bytes: Uint8Array }[]): ArrayBuffer[] {
  const buffers = files.flatMap(({ bytes: { buffer, byteLength } }) =>
    buffer instanceof ArrayBuffer && buffer.byteLength === byteLength && byteLength > 0
      ? [buffer]
      : [],
  )
  return [...new Set(buffers)]
}
