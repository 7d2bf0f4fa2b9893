// The settings of one Mattermost, by the names that an admin knows: sentences about what is wrong
// name them.
import type { Server } from '../../../post/relay/unreached.ts'

export interface SettingNames {
  url: string
  team: string
  token: string
}

export const VARIABLES: SettingNames = {
  url: 'MATTERMOST_URL',
  team: 'MATTERMOST_TEAM',
  token: 'MATTERMOST_TOKEN',
}

/** The server, for people. */
export function serverAt(site: string, { url: setting }: SettingNames): Server {
  const { protocol } = new URL(site)
  return { name: `Mattermost at ${site}`, protocol, setting }
}
