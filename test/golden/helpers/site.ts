// A kernel, its relay and a stand-in Mattermost, each with its own sockets, for all golden cells;
// and what each cell became.
import { readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { userInfo } from 'node:os'
import { dirname, join } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import { until } from '../../helpers/until.ts'
import { Client } from '../../../kernel/test/helpers/client.ts'
import { spawnKernel } from '../../../kernel/test/helpers/kernel.ts'
import type { Spawned as Kernel } from '../../../kernel/test/helpers/kernel.ts'
import { RelayFile } from '../../../post/relay/relay-file.ts'
import { ReadPost } from '../../../post/contract/schema.ts'
import { MattermostServer } from '../../../service/test/helpers/mattermost.ts'
import type { Post as Message, StoredFile } from '../../../service/test/helpers/mattermost-state.ts'
import { authorized, spawnProgram, temporaryFolder } from '../../../service/test/helpers/relay.ts'
import { root } from '../../helpers/clone.ts'
import { Recorder } from './recorder.ts'
import type { Recorded } from './recorder.ts'

/** Secrets in the environment of golden cells; none has the look of a secret. */
const SECRETS = { WANDB_API_KEY: 'correct-horse-battery', DB_PASSWORD: 'sw0rdfish<&>"quoted"' }

export interface InInbox {
  post: ReadPost
  files: { name: string; mimetype: string; bytes: Uint8Array }[]
}

export interface InChat {
  message: Message
  files: StoredFile[]
  /** Position of its thread's first message among the cell's, from 1; undefined if it began one. */
  thread: number | undefined
}

export interface Became {
  sent: Recorded[]
  inbox: InInbox[]
  chat: InChat[]
}

export interface Site {
  folder: string
  user: string
  /** What was said about types of cells, also after their end. */
  typeErrors(): string[]
  /** Runs the cells of one fixture. @returns The posts that they sent. */
  run(cells: readonly string[]): Promise<Recorded[]>
  /** What inbox and chat show in the end. */
  became(sent: readonly Recorded[], until: RegExp | undefined): Promise<Became>
  close(): Promise<void>
}

export async function startSite(): Promise<Site> {
  const folder = temporaryFolder()
  const chat = await MattermostServer.start()
  const user = userInfo().username
  chat.addUser(user)
  const lab = chat.addChannel('lab', [user, chat.bot.username])
  const config = join(folder.path, 'relay-config.json')
  writeFileSync(config, JSON.stringify({ quota: { postsPerMinute: 10_000 } }))
  const relay = spawnProgram('../../main', ['--mode', 'local'], {
    ...folder.env,
    JUPYTERPOST_CONFIG: config,
    MATTERMOST_URL: chat.url,
    MATTERMOST_TOKEN: chat.token,
    MATTERMOST_TEAM: chat.team,
  })
  await relay.line(/^Relay: /)
  const at = RelayFile.parse(
    JSON.parse(readFileSync(join(folder.path, 'runtime', 'relay.json'), 'utf8')),
  )
  const recorder = new Recorder(at.url)
  const kernel = await spawnKernel({
    env: {
      ...folder.env,
      ...SECRETS,
      JPY_SESSION_NAME: 'work/train.ipynb',
      JUPYTERPOST_TYPES: 'warn',
      JUPYTERPOST_URL: await recorder.listen(),
      JUPYTERPOST_TOKEN: at.token,
    },
  })
  provide(kernel)
  const client = await new Client(kernel.connection).connect()

  const get = (path: string) => fetch(new URL(path, at.url), { headers: authorized(at.token) })

  const inInbox = async (id: string): Promise<InInbox> => {
    const post = await until(async () => {
      const found = ReadPost.parse(await (await get(`api/v1/posts/${id}`)).json())
      return found.status !== 'queued' && found.status !== 'retrying' && found
    }, `post ${id} is sent`)
    if (post.status !== 'delivered') throw new Error(`${post.status}: ${post.error ?? ''}`)
    const files = await Promise.all(
      post.files.map(async ({ name, mimetype }, n) => {
        const answer = await get(`api/v1/posts/${id}/files/${n}`)
        return { name, mimetype, bytes: new Uint8Array(await answer.arrayBuffer()) }
      }),
    )
    return { post, files }
  }
  /** The marks of a post's messages begin with the post's id. */
  const inChat = (ids: readonly string[]): InChat[] => {
    const messages = chat
      .messages(lab.id)
      .filter(({ props }) => ids.includes(String(props.jupyterpost).split(':')[0] ?? ''))
    return messages.map((message) => {
      const thread = messages.findIndex(({ id }) => id === message.root_id)
      const files = (message.file_ids ?? []).flatMap((id) => chat.state.files.get(id) ?? [])
      return { message, files, thread: thread === -1 ? undefined : thread + 1 }
    })
  }

  return {
    folder: dirname(kernel.file),
    user,
    typeErrors: () =>
      client.received
        .map(({ content }) => String(content['text']))
        .filter((text) => text.includes('error TS'))
        .map(stripVTControlCharacters),
    async run(cells) {
      const before = recorder.posts.length
      for (const cell of cells) await client.execute(cell)
      return recorder.posts.slice(before)
    },
    async became(sent, pattern) {
      const ids = sent.flatMap((one) => one.ids)
      const isThere = (texts: string[]) =>
        pattern === undefined || texts.some((text) => pattern.test(text))
      return until(
        async () => {
          const posts = await Promise.all(ids.map(inInbox))
          const became = {
            sent: [...sent],
            inbox: posts.filter(({ post }) => post.service === 'inbox'),
            chat: inChat(ids),
          }
          return (
            isThere(became.chat.map(({ message }) => message.message)) &&
            isThere(became.inbox.map(({ post }) => JSON.stringify(post.blocks))) &&
            became
          )
        },
        `inbox and chat show ${String(pattern)}`,
      )
    },
    async close() {
      client.close()
      await kernel.close()
      await recorder.close()
      await relay[Symbol.asyncDispose]()
      await chat.close()
      folder[Symbol.dispose]()
    },
  }
}

/** What cells find beside them: the libraries, and a file to attach that resembles nothing else. */
function provide(kernel: Kernel): void {
  const folder = dirname(kernel.file)
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
  writeFileSync(join(folder, 'scores.csv'), 'epoch,loss\n1,0.4\n2,0.2\n')
  writeFileSync(join(folder, 'model.bin'), Buffer.alloc(2048, 7))
}
