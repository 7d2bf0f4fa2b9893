// A chat service that answers each attempt as a test tells it, and remembers what it was given.
import type {
  ChatService,
  Checkpoint,
  Delivery,
  Destination,
  Edit,
  Target,
} from '../../chat/chat.ts'

export type Step = 'ok' | 'hang' | Error

export class ScriptedChat implements ChatService {
  readonly name = 'script'
  readonly title = 'Script'
  /** What the next deliveries do; `ok` once this is empty. */
  readonly script: Step[] = []
  readonly delivered: string[] = []
  readonly attempts: string[] = []
  unresolved = 0
  /** Milliseconds between two edits of one post. */
  gapMs = 0
  readonly removed: string[] = []

  capabilities() {
    return {
      edit: true,
      minEditGapMs: this.gapMs,
      thread: false,
      tables: false,
      math: false,
      inlineMath: false,
      text: { max: 1000, unit: 'runes' as const },
      files: { perMessage: 1, bytes: 1 },
      images: { pixels: 1_000_000 },
    }
  }

  async ready() {
    return { ready: true as const, detail: '' }
  }

  async resolve(target: Target): Promise<Destination> {
    const name = target.kind === 'me' ? 'me' : target.name
    return { lane: name, label: `~${name}`, address: {}, notices: [] }
  }

  async targets() {
    return []
  }

  async deliver(delivery: Delivery, _checkpoint: Checkpoint, signal: AbortSignal) {
    const block = delivery.blocks[0]
    const text = block?.type === 'message' ? block.text : ''
    this.attempts.push(text)
    const step = this.script.shift() ?? 'ok'
    if (step instanceof Error) throw step
    if (step === 'hang') {
      await new Promise((_, reject) => {
        signal.addEventListener('abort', () => reject(new Error('aborted')), { once: true })
      })
    }
    this.delivered.push(text)
    return {
      messages: [{ id: delivery.id, text: true, files: false }],
      url: `https://chat/${delivery.id}`,
      thread: delivery.id,
      leftOut: [],
    }
  }

  /** Recorded as `edit: TEXT`. */
  async edit(edit: Edit, checkpoint: Checkpoint, signal: AbortSignal) {
    const block = edit.blocks[0]
    const text = `edit: ${block?.type === 'message' ? block.text : ''}`
    const blocks = [{ type: 'message' as const, text }]
    return this.deliver({ ...edit, blocks, attempt: 1 }, checkpoint, signal)
  }

  async remove(edit: Edit) {
    this.removed.push(edit.id)
  }

  async close() {
    // Holds nothing.
  }
}
