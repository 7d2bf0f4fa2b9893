// A relay of a Hub with a Mattermost and a policy, which a test may change while it runs.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pino } from 'pino'
import { z } from 'zod'

import { parseConfig } from '../../config.ts'
import { createLog } from '../../log.ts'
import { startRelay } from '../../relay.ts'
import { Reloading } from '../../reloading.ts'
import { Accepted, Problem, ReadPost } from '../../../post/contract/schema.ts'
import { GRANT, startHub } from './hub.ts'
import type { TestHub } from './hub.ts'
import { MattermostServer } from './mattermost.ts'
import type { Channel } from './mattermost-state.ts'
import { authorized, events, message, send, temporaryFolder } from './relay.ts'

export interface Governed extends AsyncDisposable {
  url: string
  hub: TestHub
  chat: MattermostServer
  channels: Record<'lab' | 'town-square' | 'secret', Channel>
  clock: { ms: number }
  /** What the relay logged. */
  lines: string[]
  /** Writes the policy and has it read. @param policy - Text for a file that is wrong. */
  rule(policy: object | string): Promise<void>
  /** The relay begins again with the same database. @param meanwhile - Gets the database's path. */
  restart(meanwhile?: (database: string) => void): Promise<void>
  /** One post. @returns Its id, or why it was refused. */
  post(who: string, text: string, ...targets: string[]): Promise<Posted>
  /** What the post is in the end. */
  end(who: string, id: string): Promise<ReadPost>
  get(who: string, path: string): Promise<Response>
}

export type Posted =
  { id: string } | { id: undefined; status: number; code: string; detail: string }

/** People are `ada` and `bob` of the group `lab`, `eve` of none, and `grader`, a service. */
export async function governed(
  policy: object | string,
  env: NodeJS.ProcessEnv = {},
): Promise<Governed> {
  const [hub, chat, folder] = [await startHub(), await MattermostServer.start(), temporaryFolder()]
  const people = ['ada', 'bob', 'eve']
  for (const name of people) {
    hub.users.set(`t-${name}`, { name, groups: name === 'eve' ? [] : ['lab'], scopes: [GRANT] })
    chat.addUser(name)
  }
  hub.users.set('t-grader', { name: 'grader', kind: 'service', scopes: [GRANT] })
  const all = [...people, chat.bot.username]
  const channels = {
    lab: chat.addChannel('lab', all),
    'town-square': chat.addChannel('town-square', all),
    secret: chat.addChannel('secret', all, 'P'),
  }
  const file = join(folder.path, 'policy.json')
  const write = (rules: object | string) =>
    writeFileSync(file, typeof rules === 'string' ? rules : JSON.stringify(rules))
  write(policy)
  const config = parseConfig(
    {
      ...folder.env,
      JUPYTERHUB_SERVICE_NAME: 'jupyterpost',
      JUPYTERHUB_SERVICE_PREFIX: '/services/jupyterpost/',
      JUPYTERHUB_SERVICE_URL: 'http://127.0.0.1:0',
      JUPYTERHUB_API_URL: hub.apiUrl,
      JUPYTERPOST_DATABASE: join(folder.path, 'relay.sqlite'),
      MATTERMOST_URL: chat.url,
      MATTERMOST_TOKEN: chat.token,
      MATTERMOST_TEAM: chat.team,
      JUPYTERPOST_POLICY: file,
      ...env,
    },
    {},
  )
  const clock = { ms: Date.now() }
  const lines: string[] = []
  const reloading = new Reloading(
    pino({ level: 'info' }, { write: (line: string) => lines.push(line) }),
  )
  const start = () =>
    startRelay({
      config,
      log: createLog('silent'),
      page: undefined,
      now: () => clock.ms,
      random: () => 0,
      onIdle: () => undefined,
      reloading,
    })
  let relay = await start()
  const at = (who: string) => ({ url: relay.url, token: `t-${who}` })
  return {
    get url() {
      return relay.url
    },
    hub,
    chat,
    channels,
    clock,
    lines,
    async rule(rules) {
      write(rules)
      await reloading.run()
    },
    async restart(meanwhile) {
      await relay.close()
      meanwhile?.(config.database)
      relay = await start()
    },
    post: async (who, text, ...targets) => posted(await send(at(who), message(text, ...targets))),
    async end(who, id) {
      for await (const { post } of events(at(who), '0')) {
        if (post.id !== id || !['delivered', 'dead'].includes(post.status ?? '')) continue
        const read = await fetch(new URL(`api/v1/posts/${id}`, relay.url), {
          headers: authorized(`t-${who}`),
        })
        return ReadPost.parse(await read.json())
      }
      throw new Error(`The stream ended before ${id} did`)
    },
    get: (who, path) => fetch(new URL(path, relay.url), { headers: authorized(`t-${who}`) }),
    async [Symbol.asyncDispose]() {
      await relay.close()
      await chat.close()
      await hub[Symbol.asyncDispose]()
      folder[Symbol.dispose]()
    },
  }
}

export async function posted(answer: Response): Promise<Posted> {
  const body: unknown = await answer.json()
  if (answer.ok) return z.object({ id: z.string() }).parse(Accepted.parse(body).posts[0])
  const { code, detail } = Problem.parse(body)
  return { id: undefined, status: answer.status, code, detail }
}
