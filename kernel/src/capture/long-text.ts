// Text that is too long for a post's blocks: its start stays a block, the text becomes the file output.txt (docs/spec.md 2.5: of
// longer text the first and the last half MB).
import limits from '../../../post/contract/limits.json' with { type: 'json' }
import { firstBytes, inWords, lastBytes } from './bytes.ts'

const { headLines: HEAD_LINES, headBytes: HEAD_BYTES } = limits.capture

export interface LongText {
  /** What is shown in the post. */
  head: string
  bytes: Uint8Array
  /** What is in neither, in words. */
  cut: string | undefined
}

/** @param most - UTF-8 bytes of text that go into the file. */
export function longText(text: string, most: number): LongText {
  const head = firstBytes(text.split('\n', HEAD_LINES).join('\n'), HEAD_BYTES)
  const size = Buffer.byteLength(text)
  if (size <= most) return { head, bytes: Buffer.from(text), cut: undefined }
  const [start, end] = [firstBytes(text, most / 2), lastBytes(text, most / 2)]
  const cut = inWords(size - Buffer.byteLength(start) - Buffer.byteLength(end))
  return { head, bytes: Buffer.from(`${start}\n\n… ${cut} left out …\n\n${end}`), cut }
}
