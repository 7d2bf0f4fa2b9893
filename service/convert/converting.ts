// Wraps a chat service so that it gets only what it can show: posts and edits are converted before
// its adapter sees them. Everything else goes to the service unchanged.
import type { ChatService, Checkpoint, Delivery, Edit } from '../chat/chat.ts'
import type { Conversions } from './converter.ts'
import { convertPost, needsConversion } from './post.ts'
import type { Shown } from './post.ts'
import type { ShownStore } from './shown-store.ts'
import { digestOf, sha256 } from '../storage/digest.ts'

/** Reads the HTML of a post that was stored by an older relay, which did not do so itself. */
export type WithoutHtml = (post: Shown, signal: AbortSignal) => Promise<Shown>

export interface ConvertingDeps {
  conversions: Conversions
  withoutHtml: WithoutHtml
  shown: ShownStore
}

export function converting(service: ChatService, deps: ConvertingDeps): ChatService {
  const showing = new Showing(service, deps)
  const own: Pick<ChatService, 'deliver' | 'edit'> = {
    async deliver(delivery: Delivery, checkpoint: Checkpoint, signal: AbortSignal) {
      const shown = await showing.of(delivery, signal)
      return service.deliver({ ...delivery, ...shown }, checkpoint, signal)
    },
    async edit(edit: Edit, checkpoint: Checkpoint, signal: AbortSignal) {
      // This must be asked before `of`, which stores the new state.
      const wasConverted = deps.shown.has(edit.id)
      const shown = await showing.of(edit, signal)
      const deliveredFiles = wasConverted ? deps.shown.firstFiles(edit.id) : edit.deliveredFiles
      return service.edit({ ...edit, ...shown, deliveredFiles }, checkpoint, signal)
    },
  }
  // With a proxy, every other member of the port goes to the service itself, new ones too.
  return new Proxy(service, {
    get(target, name) {
      if (name === 'deliver' || name === 'edit') return own[name]
      const value: unknown = Reflect.get(target, name, target)
      // Methods must be called on the service itself, because they use private fields.
      if (typeof value !== 'function') return value
      return (...words: unknown[]): unknown => Reflect.apply(value, target, words)
    },
  })
}

class Showing {
  readonly #service: ChatService
  readonly #deps: ConvertingDeps
  /** Whether the service has answered, so that its real limits are known. */
  #reached = false

  constructor(service: ChatService, deps: ConvertingDeps) {
    this.#service = service
    this.#deps = deps
  }

  async of(
    post: Pick<Delivery, 'id' | 'person' | 'blocks' | 'files'>,
    signal: AbortSignal,
  ): Promise<Shown> {
    const { conversions, shown } = this.#deps
    const { id, blocks, files } = post
    const asItIs = { blocks, files }
    if (!needsConversion(asItIs) && !shown.has(id)) return asItIs
    if (!this.#reached) this.#reached = (await this.#service.ready(signal)).ready
    const chat = this.#service.capabilities()
    const input = hashOf(asItIs, [chat.math, chat.inlineMath, chat.images, chat.files.bytes])
    const known = shown.find(id, input)
    if (known) return known
    const hasHtml = blocks.some(({ type }) => type === 'html')
    const read = hasHtml ? await this.#deps.withoutHtml(asItIs, signal) : asItIs
    const made = await convertPost(read, chat, conversions, {
      person: post.person.name,
      signal,
    })
    await shown.keep(id, input, made)
    return made
  }
}

function hashOf({ blocks, files }: Shown, limits: unknown): string {
  const names = files.map(({ name, mimetype, bytes }) => [name, mimetype, digestOf(bytes)])
  return sha256(JSON.stringify([blocks, names, limits]))
}
