// Markers in the text of fd 1 and 2: `\0<nonce>:<seq>:<0|1>:<cellId>\0`. Each is written on both
// streams and so cuts both into the same epochs. All the rest is text, also the bytes of native
// code and of child processes.

export type StreamItem =
  | {
      type: 'marker'
      seq: number
      /** The link carries a message of this number, to show before the text after the marker. */
      hasMessage: boolean
      cellId: string
    }
  | { type: 'bytes'; bytes: Buffer }

/** Bytes of the longest marker; a longer candidate is text. */
const LONGEST = 1024

export function marker(nonce: string, seq: number, hasMessage: boolean, cellId: string): string {
  return `\0${nonce}:${seq}:${hasMessage ? 1 : 0}:${cellId}\0`
}

/** Cuts the bytes of one stream into markers and text; markers may be split over chunks. */
export class MarkerParser {
  readonly #start: Buffer
  #rest: Buffer = Buffer.alloc(0)

  constructor(nonce: string) {
    this.#start = Buffer.from(`\0${nonce}:`)
  }

  push(chunk: Buffer): StreamItem[] {
    const items: StreamItem[] = []
    const text = (bytes: Buffer) => bytes.length > 0 && items.push({ type: 'bytes', bytes })
    let bytes = this.#rest.length > 0 ? Buffer.concat([this.#rest, chunk]) : chunk
    for (let at = bytes.indexOf(this.#start); at >= 0; at = bytes.indexOf(this.#start)) {
      const end = bytes.indexOf(0, at + 1)
      if (end < 0 && bytes.length - at < LONGEST) {
        text(bytes.subarray(0, at))
        this.#rest = bytes.subarray(at)
        return items
      }
      const match = /^(\d+):([01]):([^]*)$/.exec(
        bytes.toString('utf8', at + this.#start.length, end),
      )
      // It begins like a marker but is none: its first byte is text; look on behind it.
      text(bytes.subarray(0, match ? at : at + 1))
      if (match) {
        const [, seq, hasMessage, cellId] = match
        items.push({
          type: 'marker',
          seq: Number(seq),
          hasMessage: hasMessage === '1',
          cellId: cellId!,
        })
      }
      bytes = bytes.subarray(match ? end + 1 : at + 1)
    }
    const keep = this.#partialStart(bytes)
    text(bytes.subarray(0, bytes.length - keep))
    this.#rest = bytes.subarray(bytes.length - keep)
    return items
  }

  /** What was held back as a possible marker when the stream ended. */
  finish(): StreamItem[] {
    const bytes = this.#rest
    this.#rest = Buffer.alloc(0)
    return bytes.length > 0 ? [{ type: 'bytes', bytes }] : []
  }

  /** How many of the last bytes may be the beginning of a marker. */
  #partialStart(bytes: Buffer): number {
    let length = Math.min(bytes.length, this.#start.length - 1)
    while (length > 0 && !bytes.subarray(-length).equals(this.#start.subarray(0, length))) length--
    return length
  }
}
