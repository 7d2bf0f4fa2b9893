// The chat services of the relay, from its environment and its file. A service with wrong settings
// keeps its name, so that posts for it are refused and never go elsewhere.
import { shownAddress } from '../post/relay/address.ts'
import { chatProblem } from './chat/index.ts'
import type { ChatSettings } from './chat/index.ts'
import { ConfigError, readSetting } from './config-file.ts'
import type { ChatEntry, ConfigFile } from './config-file.ts'

/** The same as the original's, so that posts look the same. */
const BOT_SIGNATURE = '(via jupyterpost)'
/** Stands for the services that a file would name if it could be read. */
const UNREAD = 'of JUPYTERPOST_CONFIG'

export interface Chats {
  /** Without the inbox, which is always there. */
  chats: ChatSettings[]
  /** Names of services with wrong settings. */
  brokenChats: string[]
  /** Name of the service for targets without `service:`. */
  standard: string
}

/**
 * @param file - Undefined if it cannot be read.
 * @param tolerant - Either throws the error of `parse`, or notes it and returns `otherwise`.
 * @throws {ConfigError}
 */
export function parseChats(
  env: NodeJS.ProcessEnv,
  file: ConfigFile | undefined,
  tolerant: <T>(parse: () => T, otherwise: T) => T,
): Chats {
  const entries = chatEntries(env, file ?? {})
  const chats = entries.flatMap(([name, entry]) =>
    tolerant(() => [parseChat(name, entry, env)], []),
  )
  const names = [...entries.map(([name]) => name), ...(file ? [] : [UNREAD])]
  const standard = file?.default ?? names[0] ?? 'inbox'
  const known = [...names, 'inbox']
  tolerant(() => checkStandard(standard, known), undefined)
  const brokenChats = [...names, standard].filter(
    (name) => name !== 'inbox' && !chats.some((chat) => chat.name === name),
  )
  return { chats, brokenChats, standard }
}

function chatEntries(env: NodeJS.ProcessEnv, file: ConfigFile): [string, ChatEntry][] {
  const entries = Object.entries(file.chats ?? {}).filter(([, entry]) => entry.type !== 'inbox')
  if (!env.MATTERMOST_URL || file.chats?.mattermost) return entries
  return [
    [
      'mattermost',
      {
        type: 'mattermost',
        url: env.MATTERMOST_URL,
        ...(env.MATTERMOST_TEAM && { team: env.MATTERMOST_TEAM }),
        ...(env.MATTERMOST_TOKEN && { token: env.MATTERMOST_TOKEN }),
        ...(env.MATTERMOST_TOKEN_FILE && { tokenFile: env.MATTERMOST_TOKEN_FILE }),
      },
    ],
    ...entries,
  ]
}

function parseChat(name: string, entry: ChatEntry, env: NodeJS.ProcessEnv): ChatSettings {
  const of = (setting: string) =>
    name === 'mattermost' && env.MATTERMOST_URL
      ? `MATTERMOST_${setting}`
      : `chats.${name}.${setting.toLowerCase()}`
  const { url = '', team = '', tokenFile, options = {} } = entry
  if (name === 'inbox') {
    throw new ConfigError(
      "JUPYTERPOST_CONFIG: chats.inbox: this name is reserved for the relay's own inbox",
    )
  }
  const problem = chatProblem(entry.type, options)
  if (problem) throw new ConfigError(`JUPYTERPOST_CONFIG: chats.${name}.${problem}`)
  if (!URL.canParse(url) || !/^https?:/.test(url)) {
    throw new ConfigError(
      `${of('URL')}: expected an http or https address, got ${JSON.stringify(shownAddress(url))}`,
    )
  }
  if (team === '') throw new ConfigError(`${of('TEAM')}: expected the name of a team, got nothing`)
  const token = (entry.token ?? (tokenFile ? readSetting(tokenFile, of('TOKEN_FILE')) : '')).trim()
  if (token === '') {
    throw new ConfigError(
      `${of('TOKEN')}: expected the bot's token, or its file in ${of('TOKEN_FILE')}, got nothing`,
    )
  }
  return {
    name,
    type: entry.type,
    url,
    team,
    token,
    botSignature: env.BOT_SIGNATURE ?? BOT_SIGNATURE,
    options,
  }
}

function checkStandard(standard: string, known: readonly string[]): void {
  if (known.includes(standard)) return
  throw new ConfigError(
    `JUPYTERPOST_CONFIG: default: expected one of ${known.join(', ')}, got ${JSON.stringify(standard)}`,
  )
}
