// Text that is too long for a post's blocks. Its start is shown and all of it becomes the file
// output.txt; of even longer text the file has the first and last half MB (docs/spec.md 2.5).
import limits from '../../../post/contract/limits.json' with { type: 'json' }
import { firstBytes, inWords, lastBytes } from './bytes.ts'

const { headLines: HEAD_LINES, headBytes: HEAD_BYTES } = limits.capture

export interface LongText {
  /** What is shown in the post. */
  head: string
  bytes: Uint8Array
  /** How much is left out of the file, in words. */
  cut: string | undefined
}

/** @param most - Most bytes of text in the file, as UTF-8. */
export function longText(text: string, most: number): LongText {
  const head = firstBytes(text.split('\n', HEAD_LINES).join('\n'), HEAD_BYTES)
  const size = Buffer.byteLength(text)
  if (size <= most) return { head, bytes: Buffer.from(text), cut: undefined }
  const [start, end] = [firstBytes(text, most / 2), lastBytes(text, most / 2)]
  const cut = inWords(size - Buffer.byteLength(start) - Buffer.byteLength(end))
  return { head, bytes: Buffer.from(`${start}\n\n… ${cut} left out …\n\n${end}`), cut }
}
