// A chat service that answers as a test tells it, attempt by attempt, and remembers what it was given.
import type { ChatService, Delivery, Destination, Target } from '../../chat/chat.ts'

export type Step = 'ok' | 'hang' | Error

export class ScriptedChat implements ChatService {
  readonly name = 'script'
  readonly title = 'Script'
  /** What each next delivery does; `ok` when there is none left. */
  readonly script: Step[] = []
  readonly delivered: string[] = []
  readonly attempts: string[] = []
  unresolved = 0

  capabilities() {
    return {
      edit: false,
      thread: false,
      tables: false,
      math: false,
      text: { max: 1000, unit: 'runes' as const },
      files: { perMessage: 1, bytes: 1 },
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

  async deliver(delivery: Delivery, _checkpoint: unknown, signal: AbortSignal) {
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
      messageId: delivery.id,
      url: `https://chat/${delivery.id}`,
      thread: delivery.id,
      leftOut: [],
    }
  }

  async close() {
    // Holds nothing.
  }
}
