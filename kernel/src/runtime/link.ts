// The messages between the kernel process and the runtime process, and their framing: 4 bytes of
// length, v8.serialize, 4 zero bytes. fd 3 carries `ToChild`; fd 5 carries `FromChild`, written
// synchronously so that a spinning cell is heard; fd 4 belongs to the control worker.
import { Buffer } from 'node:buffer'
import { deserialize, serialize } from 'node:v8'
import type { CellScript } from '../cell/compiled.ts'
import type { DisplayContent, MimeBundle } from '../protocol/mimebundle.ts'
import type { Completion, ExecuteOptions } from './runtime.ts'

/** An error as it was thrown; its frames are mapped to cells by the kernel process. */
export interface ThrownError {
  name: string
  message: string
  /** As V8 made it, bounded; empty if the thrown value is not an error. */
  stack: string
  /** The thrown value, inspected, if it is not an error. */
  value?: string
  /** Own enumerable properties beside name, message, stack and cause, inspected on one line. */
  properties: string
  cause?: ThrownError
  /** The errors of an AggregateError. */
  errors?: ThrownError[]
}

/** A place in a script or a cell: 1-based line and column, as V8 counts. */
export interface Place {
  file: string
  line: number
  column: number
}

export type ChildOutcome =
  { status: 'ok' } | { status: 'error'; error: ThrownError; interrupted: boolean }

export interface CommMessage {
  cellId: string
  content: Record<string, unknown>
  metadata: Record<string, unknown>
  buffers: Uint8Array[]
}

export type CommType = 'comm_open' | 'comm_msg' | 'comm_close'

export type ToChild =
  | {
      type: 'execute' | 'evaluate'
      /** Grows with each execution; an interrupt names it. */
      id: number
      cellId: string
      script: CellScript
      filename: string
      options: ExecuteOptions
    }
  | { type: 'answer'; id: number; answer: CallAnswer }
  | { type: 'complete'; id: number; code: string; cursor: number }
  | { type: 'inspect'; id: number; code: string; cursor: number; detailLevel: 0 | 1 }
  | { type: 'complete_magic'; id: number; name: string; words: readonly string[] }
  /** Answered by `reported`, after `variables`. */
  | { type: 'report'; id: number }
  | ({ type: 'comm'; id: number; msgType: CommType } & CommMessage)

export type CallAnswer = { ok: true; value: unknown } | { ok: false; name: string; message: string }

/** What a cell shows by other ways than fd 1 and 2. */
export type ChildOutput =
  | { type: 'display_data'; content: DisplayContent; buffers?: Uint8Array[] }
  | { type: 'update_display_data'; content: DisplayContent }
  | { type: 'clear_output'; wait: boolean }
  | { type: 'error'; error: ThrownError }
  | ({ type: 'comm'; msgType: CommType } & Omit<CommMessage, 'cellId'>)

/** Shown in the order of `seq`, among the segments of text; see `output-merge.ts`. */
export type Sequenced =
  | { type: 'output'; seq: number; cellId: string; output: ChildOutput }
  /** Answered on fd 4 if `sync`: the main thread waits for it. */
  | {
      type: 'call'
      seq: number
      cellId: string
      id: number
      method: string
      params: unknown
      sync: boolean
    }
  /** A comm message was handled; what it showed came before. */
  | { type: 'done'; seq: number; id: number }
  | {
      type: 'end'
      seq: number
      id: number
      outcome: ChildOutcome
      /** Only for `evaluate`. */
      result?: DisplayContent
      /** The cell's value, shown as its last output. A message of its own would cost too much. */
      shown?: DisplayContent
    }

export type FromChild =
  | Sequenced
  | { type: 'ready'; heapLimit: number }
  | { type: 'completion'; id: number; completion: Completion }
  | { type: 'magic_completion'; id: number; matches: string[] }
  | { type: 'inspection'; id: number; data: MimeBundle | undefined }
  /** Asks where in cells these places are; answered on fd 4, the main thread waits for it. */
  | { type: 'places'; id: number; places: Place[] }
  /** New values of variables whose name sounds like a secret's. */
  | { type: 'variables'; variables: Array<{ name: string; value: string }> }
  | { type: 'reported'; id: number }
  /** `process.exit` was called, or the event loop ran empty. */
  | { type: 'exit'; code: number }

export type ToWorker =
  | { type: 'interrupt'; id: number }
  | { type: 'answer'; answer: CallAnswer }
  /** In the order asked for; undefined for a place outside cells. */
  | { type: 'places'; id: number; places: Array<Place | undefined> }

export type FromWorker =
  /**
   * The interrupt hit code that cannot be stopped without losing state; the runtime ends itself
   * after a wait.
   */
  { type: 'stuck'; id: number; asyncHooks: boolean }

/** Ends each frame. Shares no byte with a `start`, so a frame cut just before its end is seen. */
const END = Buffer.alloc(4)

/** @param start - Bytes before each frame, needed if its writer may be interrupted inside one. */
export function encodeFrame(
  message: ToChild | FromChild | ToWorker | FromWorker,
  start = '',
): Buffer {
  const body = serialize(message)
  const frame = Buffer.allocUnsafe(start.length + 4 + body.length + END.length)
  frame.write(start, 0, 'latin1')
  frame.writeUInt32LE(body.length, start.length)
  body.copy(frame, start.length + 4)
  END.copy(frame, start.length + 4 + body.length)
  return frame
}

/**
 * Cuts a byte stream into messages. The peer is our own code, so a message is trusted to be a
 * `Message`. A frame that was cut short because its writer was interrupted is dropped when the
 * next one starts.
 */
export class FrameReader<Message> {
  readonly #receive: (message: Message) => void
  readonly #parse: (body: Buffer) => Message = deserialize
  readonly #start: Buffer
  #chunks: Buffer[] = []
  #size = 0
  /** Bytes needed before there is something to look at. */
  #wanted: number

  constructor(receive: (message: Message) => void, start = '') {
    this.#receive = receive
    this.#start = Buffer.from(start, 'latin1')
    this.#wanted = this.#head
  }

  push(chunk: Buffer): void {
    this.#chunks.push(chunk)
    this.#size += chunk.length
    // The start of the next frame gives away a cut one, long before all its bytes are here.
    if (this.#size >= this.#wanted || (this.#start.length > 0 && this.#hasStart())) this.#cut()
  }

  get #head(): number {
    return this.#start.length + 4
  }

  /** Looks into the last chunk and over the seam before it; copies nothing but the seam. */
  #hasStart(): boolean {
    const [last, before] = [this.#chunks.at(-1), this.#chunks.at(-2)]
    if (!last) return false
    // The first chunk begins with the start of its own frame.
    if (last.includes(this.#start, before ? 0 : 1)) return true
    const edge = this.#start.length - 1
    if (!before || edge === 0) return false
    return Buffer.concat([before.subarray(-edge), last.subarray(0, edge)]).includes(this.#start)
  }

  #cut(): void {
    let bytes = Buffer.concat(this.#chunks)
    for (;;) {
      this.#wanted = this.#head
      if (bytes.length < this.#wanted) break
      const length = bytes.readUInt32LE(this.#start.length)
      const end = this.#head + length
      const next = this.#start.length > 0 ? bytes.indexOf(this.#start, 1) : -1
      if (next > 0 && next < end + END.length) {
        bytes = bytes.subarray(next)
        continue
      }
      this.#wanted = end + END.length
      if (bytes.length < this.#wanted) break
      if (!bytes.subarray(end, this.#wanted).equals(END)) {
        // Cut within its last bytes: they are the beginning of the next start, whose rest is on
        // its way.
        this.#wanted = bytes.length + 1
        break
      }
      const body = bytes.subarray(this.#head, end)
      bytes = bytes.subarray(this.#wanted)
      this.#receive(this.#parse(body))
    }
    this.#chunks = bytes.length > 0 ? [bytes] : []
    this.#size = bytes.length
  }
}
