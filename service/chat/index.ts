// The table of chat services. A new one is a file or folder, a row here, a row in the adapters'
// contract test and a row in the docs. The inbox is not in the table: it is part of the relay and
// needs its storage.
import { z } from 'zod'

import type { Print } from '../render/messages.ts'
import type { ChatService } from './chat.ts'
import type { Links } from './links.ts'
import { Mattermost } from './mattermost/index.ts'

/** What the configuration says about a chat service. */
export interface ChatSettings {
  /** As in `service:target`. */
  name: string
  /** The row of the table. */
  type: string
  /** As configured; an http or https address. */
  url: string
  team: string
  token: string
  botSignature: string
  options: Record<string, unknown>
}

/** Takes what an admin should know, as a sentence without secrets. */
export type Note = (words: string) => void

/** What the relay provides to a chat service. */
export interface ChatMeans {
  note: Note
  /** By default, printing happens in place. */
  print?: Print
}

interface Row {
  /** What `options` may contain. */
  options: z.ZodType
  create: (settings: ChatSettings, links: Links, means: ChatMeans) => ChatService
}

const MattermostOptions = z.strictObject({
  identity: z.enum(['same-name', 'map', 'code']).default('same-name'),
  /** Hub name -> Mattermost user name. */
  names: z.record(z.string(), z.string()).default({}),
})

// A Map: an object would have rows that nobody wrote, such as `constructor`.
const CHATS = new Map<string, Row>([
  [
    'mattermost',
    {
      options: MattermostOptions,
      create: ({ name, url, team, token, botSignature, options }, links, { note, print }) => {
        const { identity, names } = MattermostOptions.parse(options)
        const who = { kind: identity, names, links }
        const bot = { url, team, token, signature: botSignature }
        return new Mattermost({ name, ...bot, identity: who, note, print })
      },
    },
  ],
])

/** What is wrong with a service's type or options; undefined if nothing is. */
export function chatProblem(type: string, options: Record<string, unknown>): string | undefined {
  const row = CHATS.get(type)
  if (!row) {
    const known = [...CHATS.keys()].join(', ')
    return `type: expected one of ${known}, got ${JSON.stringify(type)}`
  }
  const issue = row.options.safeParse(options).error?.issues[0]
  return issue && `options.${issue.path.join('.')}: ${issue.message}`
}

/** @throws {RangeError} if there is no such type; `chatProblem` tells this before. */
export function createChat(
  settings: ChatSettings,
  links: Links,
  means: ChatMeans = { note: () => undefined },
): ChatService {
  const row = CHATS.get(settings.type)
  if (!row) throw new RangeError(`There is no chat service of type ${settings.type}`)
  return row.create(settings, links, means)
}
