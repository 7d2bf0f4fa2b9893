// Text cut by its size in UTF-8, between words, because half a secret would not be masked. Sizes in
// words for people.
import limits from '../../../post/contract/limits.json' with { type: 'json' }

/** In UTF-16 units. Longer words, such as base64, are cut inside. */
const LONGEST_WORD = limits.capture.word

/**
 * The longest start of the text that takes at most `bytes` in UTF-8. It is cut between words, or at
 * least between characters.
 */
export function firstBytes(text: string, bytes: number): string {
  if (Buffer.byteLength(text) <= bytes) return text
  const buffer = Buffer.from(text)
  let end = Math.floor(bytes)
  while (end > 0 && isContinuation(buffer[end])) end -= 1
  const cut = buffer.toString('utf8', 0, end)
  if (isBlank(text[cut.length])) return cut
  const least = Math.max(0, cut.length - LONGEST_WORD)
  let length = cut.length
  while (length > least && !isBlank(cut[length - 1])) length -= 1
  return length > least ? cut.slice(0, length) : cut
}

/** The longest end of the text that takes at most `bytes`, cut in the same way. */
export function lastBytes(text: string, bytes: number): string {
  if (Buffer.byteLength(text) <= bytes) return text
  const buffer = Buffer.from(text)
  let start = Math.ceil(buffer.length - bytes)
  while (start < buffer.length && isContinuation(buffer[start])) start += 1
  const cut = buffer.toString('utf8', start)
  if (isBlank(text.at(-cut.length - 1))) return cut
  const most = Math.min(cut.length, LONGEST_WORD)
  let from = 0
  while (from < most && !isBlank(cut[from])) from += 1
  return from < most ? cut.slice(from) : cut
}

function isBlank(character: string | undefined): boolean {
  return character === ' ' || character === '\n' || character === '\t'
}

/** 10xxxxxx: the second to fourth byte of a character (RFC 3629). */
function isContinuation(byte: number | undefined): boolean {
  return byte !== undefined && (byte & 0xc0) === 0x80
}

/** The size in words: `3 KB`. */
export function inWords(bytes: number): string {
  if (bytes < 1024) return `${bytes} bytes`
  if (bytes < 1024 * 1024) return `${(bytes / 1024).toFixed(0)} KB`
  return `${(bytes / 1024 / 1024).toFixed(1)} MB`
}
