// A relay with its inbox and a stand-in Mattermost, for posts of recordings.
import { readFileSync, writeFileSync } from 'node:fs'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { submitPost } from '../../../post/relay/client.ts'
import { RelayFile } from '../../../post/relay/relay-file.ts'
import { ReadPost } from '../../../post/contract/schema.ts'
import { MattermostServer } from '../../../service/test/helpers/mattermost.ts'
import { authorized, spawnProgram, temporaryFolder } from '../../../service/test/helpers/relay.ts'
import { until } from '../../helpers/until.ts'
import type { Captured } from './recordings.ts'
import { inInbox, noticesOf, onMattermost } from './shown.ts'
import type { Shown } from './shown.ts'

export interface Site extends AsyncDisposable {
  /** Posts to both places. @returns What each shows once it arrived. */
  shown(post: Captured): Promise<{ mattermost: Shown; inbox: Shown }>
}

export async function startSite(): Promise<Site> {
  await using stack = new AsyncDisposableStack()
  const folder = stack.use(temporaryFolder())
  const chat = await MattermostServer.start()
  stack.defer(() => chat.close())
  const user = userInfo().username
  chat.addUser(user)
  const lab = chat.addChannel('lab', [user, chat.bot.username])
  const config = join(folder.path, 'relay-config.json')
  writeFileSync(config, JSON.stringify({ quota: { postsPerMinute: 10_000 } }))
  const program = stack.use(
    spawnProgram('../../main', ['--mode', 'local'], {
      ...folder.env,
      JUPYTERPOST_CONFIG: config,
      MATTERMOST_URL: chat.url,
      MATTERMOST_TOKEN: chat.token,
      MATTERMOST_TEAM: chat.team,
    }),
  )
  await program.line(/^Relay: /)
  const file = readFileSync(join(folder.path, 'runtime', 'relay.json'), 'utf8')
  const { url, token } = RelayFile.parse(JSON.parse(file))
  const relay = { url: new URL(url), token }

  const arrived = (id: string) =>
    until(async () => {
      const answer = await fetch(new URL(`api/v1/posts/${id}`, url), { headers: authorized(token) })
      const post = ReadPost.parse(await answer.json())
      if (post.status === 'dead') throw new Error(`${id} is dead: ${post.error ?? ''}`)
      return post.status === 'delivered' && post
    }, `post ${id} arrives`)

  const ending = stack.move()
  return {
    async shown(post) {
      const targets = ['inbox:@me', 'lab']
      const accepted = await submitPost(relay, { targets, source: {}, ...post })
      const posts = await Promise.all(accepted.posts.map(({ id }) => arrived(id)))
      const inbox = posts.find(({ service }) => service === 'inbox')
      if (!inbox) throw new Error('No post in the inbox')
      const ids = posts.map(({ id }) => id)
      const messages = chat
        .messages(lab.id)
        .filter(({ props }) => ids.includes(String(props.jupyterpost).split(':')[0] ?? ''))
        .map(({ message, file_ids: files }) => ({
          // The first line says who posts.
          text: message.split('\n').slice(1).join('\n'),
          files: (files ?? []).map((one) => chat.state.files.get(one)?.name ?? ''),
        }))
      return { mattermost: onMattermost(messages, noticesOf(inbox)), inbox: inInbox(inbox) }
    },
    [Symbol.asyncDispose]: () => ending.disposeAsync(),
  }
}
