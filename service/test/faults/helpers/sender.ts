// People who post one after another and insist: each post has a key and is sent again until the
// relay has taken it, through kills, refusals and full disks. What was promised is recorded, and
// compared with what is in the chat.
import { setTimeout as delay } from 'node:timers/promises'

import { Accepted } from '../../../../post/contract/schema.ts'
import { Changes } from '../../../../test/helpers/until.ts'
import type { WaitOptions } from '../../../../test/helpers/until.ts'
import type { MattermostServer } from '../../helpers/mattermost.ts'
import { change, message, send } from '../../helpers/relay.ts'
import type { HubRelay } from './hub-relay.ts'

/** ms in which a killed relay must be back. */
const BACK_MS = 60_000
/** ms after which a person tries again what the relay could not take. */
const AGAIN_MS = 50

export interface Sent {
  /** What to look for in the chat: `<person:number>`. */
  mark: string
  target: string
  /** Of the first attempt, on this process's clock. */
  sentAt: number
  /** When it was taken; undefined while it is not. */
  takenAt: number | undefined
  id: string
  /** Whether its content was changed, and the relay has taken that. */
  changed: boolean
}

/** Messages of a chat by their marks, as they came. */
export class Arrivals {
  readonly #chat: MattermostServer
  readonly #changes = new Changes()
  readonly #seen = new Set<string>()

  constructor(chat: MattermostServer) {
    this.#chat = chat
    const inner = chat.state.onEvent
    chat.state.onEvent = (event, post) => {
      inner(event, post)
      for (const mark of marksOf(post.message)) this.#seen.add(mark)
      this.#changes.tell()
    }
  }

  get size(): number {
    return this.#seen.size
  }

  has(mark: string): boolean {
    return this.#seen.has(mark)
  }

  /** Until each of these is in the chat. */
  async all(sent: readonly Sent[], relay: HubRelay, limit: number): Promise<void> {
    const missing = () => sent.filter(({ mark }) => !this.#seen.has(mark))
    await this.until(() => missing().length === 0, `all of ${sent.length} posts arrive`, {
      limit,
      saw: () => missing().map(({ id, mark }) => ({ mark, ...relay.known(id) })),
    })
  }

  async until(isOver: () => boolean, words: string, options: WaitOptions): Promise<void> {
    await this.#changes.until(isOver, words, { saw: () => this.#seen.size, ...options })
  }

  /** Marks of each channel in the order of the chat. */
  lanes(): Map<string, { marks: string[]; texts: Map<string, string> }> {
    const lanes = new Map<string, { marks: string[]; texts: Map<string, string> }>()
    for (const { channel_id: channel, message: text, delete_at: deleted } of this.#chat.state
      .posts) {
      if (deleted > 0) continue
      const lane = lanes.get(channel) ?? { marks: [], texts: new Map<string, string>() }
      lanes.set(channel, lane)
      for (const mark of marksOf(text)) {
        lane.marks.push(mark)
        lane.texts.set(mark, text)
      }
    }
    return lanes
  }
}

function marksOf(text: string): string[] {
  return text.match(/<[a-z0-9]+:\d+>/g) ?? []
}

export class Sender {
  readonly sent: Sent[] = []
  /** Statuses of refusals, in order. */
  readonly refusals: number[] = []
  /** Requests that broke off. */
  broken = 0
  readonly #name: string
  readonly #relay: HubRelay
  readonly #tokenOf: (post: number) => string

  /** @param tokenOf - The token for the n-th post; always the same one unless given. */
  constructor(name: string, relay: HubRelay, tokenOf?: (post: number) => string) {
    this.#name = name
    this.#relay = relay
    this.#tokenOf = tokenOf ?? (() => `t-${name}`)
  }

  /** Until the relay has taken it, and its change if it is to be changed afterwards. */
  async post(
    target: string,
    { changing = false, files = [] }: { changing?: boolean; files?: File[] } = {},
  ): Promise<Sent> {
    const number = this.sent.length
    const mark = `<${this.#name}:${number}>`
    const sent: Sent = {
      mark,
      target,
      sentAt: performance.now(),
      takenAt: undefined,
      id: '',
      changed: false,
    }
    this.sent.push(sent)
    const answer = await this.#insist((at) => {
      const key = `${this.#name}-${number}`
      return send(at, message(`\`${mark}\` first`, target), { key, files })
    })
    sent.id = Accepted.parse(await answer.json()).posts[0]?.id ?? ''
    sent.takenAt = performance.now()
    if (!changing) return sent
    const blocks = [{ type: 'message', text: `\`${mark}\` changed` }]
    const key = `${this.#name}-${number}-changed`
    await this.#insist((at) => change(at, sent.id, { blocks }, { key }))
    sent.changed = true
    return sent
  }

  async #insist(attempt: (at: { url: string; token: string }) => Promise<Response>) {
    for (;;) {
      const url = await this.#relay.listening(BACK_MS)
      try {
        const answer = await attempt({ url, token: this.#tokenOf(this.sent.length - 1) })
        if (answer.ok) {
          // The body may break off too: then it is asked again.
          const body = await answer.text()
          return new Response(body)
        }
        this.refusals.push(answer.status)
        const words = await answer.text()
        if (answer.status < 500 && answer.status !== 429)
          throw new Refused(`${answer.status} ${words}`)
        await delay(AGAIN_MS)
      } catch (error) {
        if (error instanceof Refused) throw error
        // TypeError: the relay was killed before it had answered, or closed an idle connection.
        this.broken += 1
      }
    }
  }
}

/** For good: the sender made a mistake, or the relay did. */
class Refused extends Error {
  override name = 'Refused'
}
