// The chat services of the relay, from its environment and its file. A service with wrong settings
// keeps its name, so that posts for it are refused and never go elsewhere.
import { sentence } from '../post/contract/sentence.ts'
import { shownAddress } from '../post/relay/address.ts'
import { isToken, trimmed } from '../post/relay/token.ts'
import { CHATS } from './chat/index.ts'
import type { ChatRow, ChatSettings, ChatTable, Need } from './chat/index.ts'
import { ConfigError, readSetting } from './config-file.ts'
import type { ChatEntry, ConfigFile } from './config-file.ts'

/** The same as the original's, so that posts look the same. */
const BOT_SIGNATURE = '(via jupyterpost)'
/** What the variables are called in a file. */
const IN_FILE: Readonly<Record<string, string>> = {
  URL: 'url',
  TEAM: 'team',
  TOKEN: 'token',
  TOKEN_FILE: 'tokenFile',
}
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
 * @param table - The chat services that there are.
 * @throws {ConfigError}
 */
export function parseChats(
  env: NodeJS.ProcessEnv,
  file: ConfigFile | undefined,
  tolerant: <T>(parse: () => T, otherwise: T) => T,
  table: ChatTable = CHATS,
): Chats {
  const entries = chatEntries(env, file ?? {})
  const chats = entries.flatMap(([name, entry]) =>
    tolerant(() => {
      const isOfVariables = name === 'mattermost' && !file?.chats?.mattermost
      return [parseChat(name, entry, { env, isOfVariables }, table)]
    }, []),
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

function parseChat(
  name: string,
  entry: ChatEntry,
  { env, isOfVariables }: { env: NodeJS.ProcessEnv; isOfVariables: boolean },
  table: ChatTable,
): ChatSettings {
  const of = (setting: string) =>
    isOfVariables ? `MATTERMOST_${setting}` : `chats.${name}.${IN_FILE[setting] ?? setting}`
  const { tokenFile, options = {} } = entry
  const url = trimmed(entry.url) ?? ''
  const team = trimmed(entry.team) ?? ''
  if (name === 'inbox') {
    throw new ConfigError(
      "JUPYTERPOST_CONFIG: chats.inbox: this name is reserved for the relay's own inbox",
    )
  }
  const { needs } = rowOf(name, entry.type, options, table)
  if (!URL.canParse(url) || !/^https?:/.test(url)) {
    throw new ConfigError(
      `${of('URL')}: expected an http or https address, got ${JSON.stringify(shownAddress(url))}`,
    )
  }
  const given = trimmed(entry.token)
  const token = given ?? (tokenFile ? readSetting(tokenFile, of('TOKEN_FILE')).trim() : '')
  if (token !== '' && !isToken(token)) {
    const setting = of(given === undefined ? 'TOKEN_FILE' : 'TOKEN')
    throw new ConfigError(`${setting}: ${sentence('tokenCharacters')}`)
  }
  const settings: Record<Need, string> = { team, token }
  const expected: Record<Need, string> = {
    team: 'the name of a team',
    token: `the bot's token, or its file in ${of('TOKEN_FILE')}`,
  }
  const missing = needs.find((need) => settings[need] === '')
  if (missing) {
    const setting = of(missing.toUpperCase())
    throw new ConfigError(`${setting}: expected ${expected[missing]}, got nothing`)
  }
  return {
    name,
    type: entry.type,
    url,
    team,
    token,
    ...(given === undefined && tokenFile !== undefined && { tokenFile }),
    botSignature: env.BOT_SIGNATURE ?? BOT_SIGNATURE,
    settings: { url: of('URL'), team: of('TEAM'), token: of(given ? 'TOKEN' : 'TOKEN_FILE') },
    ...(entry.slots !== undefined && { slots: entry.slots }),
    options,
  }
}

/** @throws {ConfigError} if there is no such type, or its options are wrong. */
function rowOf(
  name: string,
  type: string,
  options: Record<string, unknown>,
  table: ChatTable,
): ChatRow {
  const row = table.get(type)
  if (!row) {
    const known = [...table.keys()].join(', ')
    throw new ConfigError(
      `JUPYTERPOST_CONFIG: chats.${name}.type: expected one of ${known}, got ${JSON.stringify(type)}`,
    )
  }
  const issue = row.options.safeParse(options).error?.issues[0]
  if (!issue) return row
  throw new ConfigError(
    `JUPYTERPOST_CONFIG: chats.${name}.options.${issue.path.join('.')}: ${issue.message}`,
  )
}

function checkStandard(standard: string, known: readonly string[]): void {
  if (known.includes(standard)) return
  throw new ConfigError(
    `JUPYTERPOST_CONFIG: default: expected one of ${known.join(', ')}, got ${JSON.stringify(standard)}`,
  )
}
