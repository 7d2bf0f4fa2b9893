// Text cut by its size in UTF-8, between characters; sizes in words.

/** The longest start of the text that takes at most `bytes` in UTF-8, cut between characters. */
export function firstBytes(text: string, bytes: number): string {
  if (Buffer.byteLength(text) <= bytes) return text
  const buffer = Buffer.from(text)
  let end = bytes
  while (end > 0 && isContinuation(buffer[end])) end -= 1
  return buffer.toString('utf8', 0, end)
}

/** The longest end of it. */
export function lastBytes(text: string, bytes: number): string {
  if (Buffer.byteLength(text) <= bytes) return text
  const buffer = Buffer.from(text)
  let start = Math.ceil(buffer.length - bytes)
  while (start < buffer.length && isContinuation(buffer[start])) start += 1
  return buffer.toString('utf8', start)
}

/** 10xxxxxx: the second to fourth byte of a character (RFC 3629). */
function isContinuation(byte: number | undefined): boolean {
  return byte !== undefined && (byte & 0xc0) === 0x80
}

/** For people: `3 KB`. */
export function inWords(bytes: number): string {
  if (bytes < 1024) return `${bytes} bytes`
  if (bytes < 1024 * 1024) return `${(bytes / 1024).toFixed(0)} KB`
  return `${(bytes / 1024 / 1024).toFixed(1)} MB`
}
