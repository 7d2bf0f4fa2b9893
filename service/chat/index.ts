// The table of chat services. A new one is a file or folder, a row here, a row in the adapters'
// contract test and a section in docs/chat-services.md. The inbox is not in the table: it is part
// of the relay and needs its storage.
import { z } from 'zod'

import type { Print } from '../render/messages.ts'
import type { ChatService } from './chat.ts'
import type { Links } from './links.ts'
import { Mattermost } from './mattermost/index.ts'
import { TokenFile } from './token-file.ts'

/** What the configuration says about a chat service. */
export interface ChatSettings {
  /** As in `service:target`. */
  name: string
  /** The row of the table. */
  type: string
  /** As configured; an http or https address. */
  url: string
  /** Empty if it is not configured. */
  team: string
  /** Empty if it is not configured. */
  token: string
  /** The file that it was read from. */
  tokenFile?: string
  botSignature: string
  /** Posts on their way at the same time; the relay's own number if left out. */
  slots?: number
  /** Where these are set, for people; default: the service's own variables. */
  settings?: { url: string; team: string; token: string }
  options: Record<string, unknown>
}

/** Takes what an admin should know, as a sentence without secrets. */
export type Note = (words: string) => void

/** What the relay provides to a chat service. */
export interface ChatMeans {
  note: Note
  /** By default, printing happens in place. */
  print?: Print
  /** Adds what is read anew when the admin asks for it; says what came of it. */
  reload?: (name: string, read: () => string) => void
}

/** Settings that some chat services have and others do not. */
export type Need = 'team' | 'token'

export interface ChatRow {
  /** What must be configured besides the address. */
  needs: readonly Need[]
  /** What `options` may contain. */
  options: z.ZodType
  create: (settings: ChatSettings, links: Links, means: ChatMeans) => ChatService
}

const MattermostOptions = z.strictObject({
  identity: z.enum(['same-name', 'map', 'code']).default('same-name'),
  /** Hub name -> Mattermost user name. */
  names: z.record(z.string(), z.string()).default({}),
})

/** A Map: an object would have rows that nobody wrote, such as `constructor`. */
export type ChatTable = ReadonlyMap<string, ChatRow>

export const CHATS: ChatTable = new Map([
  [
    'mattermost',
    {
      needs: ['team', 'token'],
      options: MattermostOptions,
      create: (given, links, means) => {
        const { note, print } = means
        const { name, url, team, settings, botSignature, options } = given
        const { identity, names } = MattermostOptions.parse(options)
        const who = { kind: identity, names, links }
        const token = tokenOf(given, means)
        const bot = { url, team, token, ...(settings && { settings }), signature: botSignature }
        return new Mattermost({ name, ...bot, identity: who, note, print })
      },
    },
  ],
])

/** @throws {RangeError} if there is no such type; the configuration tells this before. */
export function createChat(
  settings: ChatSettings,
  links: Links,
  means: ChatMeans = { note: () => undefined },
): ChatService {
  const row = CHATS.get(settings.type)
  if (!row) throw new RangeError(`There is no chat service of type ${settings.type}`)
  return row.create(settings, links, means)
}

function tokenOf(given: ChatSettings, { note, reload }: ChatMeans): string | (() => string) {
  const { name, token, tokenFile: path } = given
  if (path === undefined) return token
  const file = new TokenFile({ path, token, note, monotonic: () => performance.now() })
  reload?.(`token of ${name}`, () => file.read())
  return () => file.current()
}
