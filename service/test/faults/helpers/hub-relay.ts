// The relay of a stand-in Hub as a real process that may be killed and started again, with people
// whose posts go to a stand-in Mattermost.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

import { Changes } from '../../../../test/helpers/until.ts'
import { GRANT } from '../../helpers/hub.ts'
import type { TestHub } from '../../helpers/hub.ts'
import type { MattermostServer } from '../../helpers/mattermost.ts'
import { spawnProgram } from '../../helpers/relay.ts'
import type { Folder, Spawned } from '../../helpers/relay.ts'

export interface RelaySettings {
  folder: Folder
  hub: TestHub
  chat?: MattermostServer
  database?: string
  /** Added to the environment. */
  env?: NodeJS.ProcessEnv
  /** From the folder of helpers, without its ending; the relay itself unless given. */
  program?: string
}

/** Nobody is held up by a quota. */
const QUOTA = { postsPerMinute: 1e6, bytesPerHour: 1e12, directPerDay: 1e6 }

/** Of a relay that the Hub starts, with its configuration in the folder. */
export function hubEnvironment({
  folder,
  hub,
  chat,
  database = join(folder.path, 'relay.sqlite'),
}: RelaySettings): NodeJS.ProcessEnv {
  const config = join(folder.path, 'config.json')
  writeFileSync(config, JSON.stringify({ quota: QUOTA }))
  return {
    ...folder.env,
    JUPYTERHUB_SERVICE_NAME: 'jupyterpost',
    JUPYTERHUB_SERVICE_URL: 'http://127.0.0.1:0',
    JUPYTERHUB_API_URL: hub.apiUrl,
    JUPYTERPOST_DATABASE: database,
    JUPYTERPOST_CONFIG: config,
    ...(chat && {
      MATTERMOST_URL: chat.url,
      MATTERMOST_TEAM: chat.team,
      MATTERMOST_TOKEN: chat.token,
    }),
  }
}

export class HubRelay implements AsyncDisposable {
  /** Where it listens; undefined while it does not. */
  url: string | undefined
  readonly #settings: RelaySettings
  readonly #changes = new Changes()
  #spawned: Spawned | undefined

  constructor(settings: RelaySettings) {
    this.#settings = settings
  }

  get spawned(): Spawned {
    if (!this.#spawned) throw new Error('The relay was not started')
    return this.#spawned
  }

  get database(): string {
    return this.#settings.database ?? join(this.#settings.folder.path, 'relay.sqlite')
  }

  /** Does not wait until it listens. */
  spawn(): Spawned {
    const { program = '../../main', env } = this.#settings
    const settings = { ...this.#settings, database: this.database }
    this.#spawned = spawnProgram(program, [], { ...hubEnvironment(settings), ...env })
    return this.#spawned
  }

  /** Until it listens. */
  async start(): Promise<void> {
    const spawned = this.spawn()
    const line = await spawned.line(/^Relay: /)
    if (line === undefined) throw new Error(`The relay ended: ${spawned.stderr()}`)
    this.url = line.replace('Relay: ', '')
    this.#changes.tell()
  }

  async kill(): Promise<void> {
    this.url = undefined
    this.spawned.process.kill('SIGKILL')
    await this.spawned.exited
  }

  async stop(): Promise<number | string> {
    this.url = undefined
    this.spawned.process.kill('SIGTERM')
    return this.spawned.exited
  }

  /** What its database knows of a post, for the words of a failure. */
  known(id: string): object | undefined {
    const db = new DatabaseSync(this.database, { readOnly: true })
    try {
      return db.prepare('SELECT state, attempts, deaths, error FROM post WHERE id = ?').get(id)
    } finally {
      db.close()
    }
  }

  /** Its address, once it listens. */
  async listening(limit: number): Promise<string> {
    return this.#changes.until(() => this.url, 'the relay listens', { limit })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#spawned?.[Symbol.asyncDispose]()
  }
}

/**
 * Makes them known to the Hub, and an admin, whose token is `t-admin`.
 * @returns Their names; the token of each is `t-NAME`.
 */
export function people(hub: TestHub, count: number, chat?: MattermostServer): string[] {
  const names = Array.from({ length: count }, (_, n) => `person${String(n).padStart(2, '0')}`)
  hub.users.set('t-admin', { name: 'admin', admin: true, scopes: [GRANT] })
  for (const name of names) {
    hub.users.set(`t-${name}`, { name, scopes: [GRANT] })
    chat?.addUser(name)
  }
  return names
}
