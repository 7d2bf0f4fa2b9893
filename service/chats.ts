// The chat services of a relay, each under the admin's policy, with what it cannot show converted.
import type { ChatService } from './chat/chat.ts'
import type { Inbox } from './chat/inbox.ts'
import { createChat } from './chat/index.ts'
import type { Config } from './config.ts'
import type { Conversions } from './convert/converter.ts'
import { converting } from './convert/converting.ts'
import type { WithoutHtml } from './convert/converting.ts'
import type { Log } from './log.ts'
import type { Offload } from './offload/offload.ts'
import { policed } from './policy/policed.ts'
import type { Policing } from './policy/policed.ts'
import { measuredChat } from './operations/measured.ts'
import type { Metrics } from './operations/metrics.ts'
import type { Print } from './render/messages.ts'
import type { Reloading } from './reloading.ts'
import type { Stores } from './stores.ts'

export interface ChatsDeps extends Policing {
  config: Config
  stores: Stores
  inbox: Inbox
  conversions: Conversions
  offload: Offload
  log: Log
  metrics: Metrics
  /** Milliseconds of this process. */
  monotonic: () => number
  reloading?: Reloading | undefined
}

/** By their names; the inbox is the last. */
export function chatServices(deps: ChatsDeps): Map<string, ChatService> {
  const { config, stores, inbox, conversions, offload, log, reloading } = deps
  const services = new Map<string, ChatService>()
  const withoutHtml: WithoutHtml = (post, signal) =>
    offload.withoutHtml(post, config.limits, signal)
  const means = { conversions, withoutHtml, shown: stores.shown }
  const add = (service: ChatService) =>
    services.set(service.name, policed(converting(measuredChat(service, deps), means), deps))
  for (const chat of config.chats) {
    const note = (words: string) => log.warn({ chat: chat.name }, words)
    const print: Print = (post, form, signal) => offload.print(post, form, signal)
    const reload = (name: string, read: () => string) => reloading?.add(name, read)
    add(createChat(chat, stores.links, { note, print, reload }))
  }
  add(inbox)
  return services
}
