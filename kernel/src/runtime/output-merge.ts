// Puts what a runtime wrote on fd 1, fd 2 and the link into one order: the order of the writes.
// Markers cut both streams into epochs with the same numbers. An epoch begins with the link's
// message of its number, if it has one; the next begins when both streams have reached it.
import { StringDecoder } from 'node:string_decoder'
import type { Sequenced } from './link.ts'
import { MarkerParser } from './markers.ts'
import type { StreamItem } from './markers.ts'

export type StreamName = 'stdout' | 'stderr'

export interface MergeSink {
  text(name: StreamName, text: string, cellId: string): void
  message(message: Sequenced): void
}

interface Stream {
  name: StreamName
  parser: MarkerParser
  /** A character may be split over chunks. */
  decoder: StringDecoder
  queue: StreamItem[]
  finished: boolean
}

export class OutputMerge {
  readonly #sink: MergeSink
  readonly #streams: readonly [Stream, Stream]
  readonly #messages: Sequenced[] = []
  #linkFinished = false
  #epoch: Epoch = { seq: 0, hasMessage: false, cellId: '' }

  constructor(nonce: string, sink: MergeSink) {
    this.#sink = sink
    this.#streams = [newStream('stdout', nonce), newStream('stderr', nonce)]
  }

  bytes(name: StreamName, chunk: Buffer): void {
    const stream = this.#stream(name)
    stream.queue.push(...stream.parser.push(chunk))
    this.#advance()
  }

  message(message: Sequenced): void {
    this.#messages.push(message)
    this.#advance()
  }

  /** The stream ended: nothing waits for it any more. */
  finish(name: StreamName | 'link'): void {
    if (name === 'link') {
      this.#linkFinished = true
    } else {
      const stream = this.#stream(name)
      if (stream.finished) return
      stream.finished = true
      stream.queue.push(...stream.parser.finish())
    }
    this.#advance()
  }

  #stream(name: StreamName): Stream {
    return this.#streams[name === 'stdout' ? 0 : 1]
  }

  #advance(): void {
    do {
      for (let message = this.#dueMessage(); message; message = this.#dueMessage()) {
        this.#epoch = { ...this.#epoch, hasMessage: false }
        this.#sink.message(message)
      }
      if (this.#epoch.hasMessage && !this.#isMessageLost()) return
      for (const stream of this.#streams) this.#showEpoch(stream)
    } while (this.#beginNextEpoch())
  }

  #dueMessage(): Sequenced | undefined {
    return this.#messages[0] && this.#messages[0].seq <= this.#epoch.seq
      ? this.#messages.shift()
      : undefined
  }

  /** The cell was interrupted after the markers: the link is in order, so a later one tells. */
  #isMessageLost(): boolean {
    return this.#linkFinished || this.#messages.length > 0
  }

  #showEpoch(stream: Stream): void {
    for (let item = stream.queue[0]; item; item = stream.queue[0]) {
      // A marker written twice (a cell was interrupted between the two streams) has no effect.
      if (item.type === 'marker' && item.seq > this.#epoch.seq) return
      stream.queue.shift()
      if (item.type === 'marker') continue
      const text = stream.decoder.write(item.bytes)
      if (text) this.#sink.text(stream.name, text, this.#epoch.cellId)
    }
  }

  #beginNextEpoch(): boolean {
    const heads = this.#streams
      .map((stream) => stream.queue[0])
      .filter((item) => item !== undefined)
    const markers = heads.filter((item) => item.type === 'marker')
    const open = this.#streams.filter((stream) => !stream.finished).length
    if (markers.length >= open && markers.length > 0) {
      this.#epoch = markers.reduce((first, other) => (other.seq < first.seq ? other : first))
      return true
    }
    // With both streams gone, only the numbers of the messages give the order.
    if (open > 0 || !this.#messages[0]) return false
    this.#epoch = { ...this.#epoch, seq: this.#messages[0].seq }
    return true
  }
}

interface Epoch {
  seq: number
  hasMessage: boolean
  cellId: string
}

function newStream(name: StreamName, nonce: string): Stream {
  return {
    name,
    parser: new MarkerParser(nonce),
    decoder: new StringDecoder('utf8'),
    queue: [],
    finished: false,
  }
}
