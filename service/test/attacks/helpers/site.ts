// A relay of a Hub with a chat, as an attacker meets it: over HTTP, with tokens of people.
import { GRANT, startHub } from '../../helpers/hub.ts'
import type { TestHub } from '../../helpers/hub.ts'
import { MattermostServer } from '../../helpers/mattermost.ts'
import { send, temporaryFolder, testRelay } from '../../helpers/relay.ts'
import type { Folder, TestRelay } from '../../helpers/relay.ts'
import { Accepted } from '../../../../post/contract/schema.ts'
import { until } from '../../../../test/helpers/until.ts'
import { hubEnvironment } from '../../faults/helpers/hub-relay.ts'

export interface Site extends AsyncDisposable {
  hub: TestHub
  chat: MattermostServer
  relay: TestRelay
  folder: Folder
  /** The id of an accepted post. */
  accepted(name: string, manifest: object, files?: File[]): Promise<string>
  /** Texts of all messages in the chat, once this many are there. */
  texts(count: number): Promise<string[]>
}

/** @param people - Each has the token `t-NAME`, and is a member of `~lab`. */
export async function openSite(...people: string[]): Promise<Site> {
  const folder = temporaryFolder()
  const hub = await startHub()
  const chat = await MattermostServer.start()
  for (const name of people) {
    hub.users.set(`t-${name}`, { name, scopes: [GRANT] })
    chat.addUser(name)
  }
  chat.addChannel('lab', people)
  const relay = await testRelay(hubEnvironment({ folder, hub, chat }))
  return {
    hub,
    chat,
    relay,
    folder,
    async accepted(name, manifest, files = []) {
      const answer = await send({ url: relay.url, token: `t-${name}` }, manifest, { files })
      const text = await answer.text()
      if (answer.status !== 202) throw new Error(`${answer.status} ${text}`)
      return Accepted.parse(JSON.parse(text)).posts[0]?.id ?? ''
    },
    async texts(count) {
      await until(() => chat.state.posts.length >= count, `${count} messages`)
      return chat.state.posts.map(({ message }) => message)
    },
    async [Symbol.asyncDispose]() {
      await relay[Symbol.asyncDispose]()
      await chat.close()
      await hub[Symbol.asyncDispose]()
      folder[Symbol.dispose]()
    },
  }
}
