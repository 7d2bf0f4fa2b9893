// The table of chat services. A new one is a file, a row here, a row in the adapters' contract test and a row in the docs. The inbox is
// not in it: it is part of the relay and needs its storage.
import type { ChatService } from './chat.ts'

/** What the configuration says of a chat service; checked there. */
export interface ChatSettings {
  /** In `service:target`. */
  name: string
  /** Row of the table. */
  type: string
  /** Root of the service, without `/api/...`. */
  url: string
  team: string
  token: string
  botSignature: string
  options: Record<string, unknown>
}

type Factory = (settings: ChatSettings) => ChatService

const CHATS: Record<string, Factory> = {}

/** Types that `chats.NAME.type` in the configuration may name. */
export const CHAT_TYPES: readonly string[] = Object.keys(CHATS)

/** @throws {RangeError} if there is no such type; the configuration was checked for that */
export function createChat(settings: ChatSettings): ChatService {
  const factory = CHATS[settings.type]
  if (!factory) throw new RangeError(`There is no chat service of type ${settings.type}`)
  return factory(settings)
}
