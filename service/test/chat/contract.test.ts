// What every chat adapter promises: one table of promises, one row for each service.
import { expect, test } from '@jest/globals'
import type {
  ChatService,
  Delivered,
  Delivery,
  Destination,
  Reply,
  Target,
} from '../../chat/chat.ts'
import { InboxReplies } from '../../chat/inbox-replies.ts'
import { InboxStore } from '../../chat/inbox-store.ts'
import { Inbox } from '../../chat/inbox.ts'
import { Mattermost } from '../../chat/mattermost/index.ts'
import { ChatError } from '../../errors.ts'
import { Blobs } from '../../storage/blobs.ts'
import { SCHEMA } from '../../schema.ts'
import { Database } from '../../storage/database.ts'
import { ALICE, deliveryTo, editOf, MemoryCheckpoint, MemoryLinks } from '../helpers/delivery.ts'
import { MattermostServer } from '../helpers/mattermost.ts'

interface Arrived {
  text: string
  files: string[]
  thread: string | undefined
}

interface Said {
  destination: Destination
  delivered: Delivered
}

/**
 * A chat service with alice, bob and a channel `lab` where alice may post, and a view of the
 * arrivals.
 */
interface Bench extends AsyncDisposable {
  chat: ChatService
  arrived: (destination: Destination) => Arrived[]
  /** Somebody writes in the thread of a post. */
  say: (name: string, to: Said, text: string) => Promise<void>
}

const SERVICES: Record<string, () => Promise<Bench>> = {
  async mattermost() {
    const server = await MattermostServer.start()
    for (const name of ['alice', 'bob']) server.addUser(name)
    server.addChannel('lab', ['alice', 'jupyterpost'])
    const { url, token, team } = server
    const identity = { kind: 'same-name', names: {}, links: new MemoryLinks() } as const
    const chat = new Mattermost({ url, token, team, identity })
    return {
      chat,
      arrived: ({ lane }) =>
        server.messages(lane).map(({ message, file_ids = [], root_id }) => ({
          text: message,
          files: file_ids.map((id) => server.state.files.get(id)?.name ?? ''),
          thread: root_id === '' ? undefined : root_id,
        })),
      async say(name, { destination, delivered }, text) {
        server.write(name, destination.lane, text, { root_id: delivered.thread })
      },
      async [Symbol.asyncDispose]() {
        await chat.close()
        await server.close()
      },
    }
  },
  async inbox() {
    const db = new Database(':memory:', SCHEMA)
    const store = new InboxStore(db, new Blobs(db))
    await store.seen({ name: 'bob', groups: [] })
    const replies = new InboxReplies(db, Date.now)
    const chat = new Inbox({ store, replies, mode: 'hub', link: (id) => `http://127.0.0.1/#${id}` })
    return {
      chat,
      arrived: ({ lane }) =>
        store
          .list([lane], { limit: 100 })
          .places.toReversed()
          .flatMap(({ id }) => store.find(id) ?? [])
          .map(({ id, blocks, files, thread }) => ({
            text: blocks.map((block) => ('text' in block ? block.text : '')).join('\n'),
            files: files.map(({ name }) => name),
            thread: thread === id ? undefined : thread,
          })),
      async say(name, { delivered }, text) {
        const message = store.find(delivered.messages[0]?.id ?? '')
        if (!message) throw new Error('It was not delivered')
        await chat.reply(message, { name, groups: [] }, text)
      },
      async [Symbol.asyncDispose]() {
        await chat.close()
        db.close()
      },
    }
  },
}

const SIGNAL = new AbortController().signal
const PERSON = { ...ALICE, groups: ['lab'] }
const LAB: Target = { kind: 'channel', name: 'lab' }
const png = { name: 'a.png', mimetype: 'image/png', bytes: Buffer.from('png') }

const resolve = (chat: ChatService, target: Target) => chat.resolve(target, PERSON, SIGNAL)
const deliver = (chat: ChatService, delivery: Delivery, checkpoint = new MemoryCheckpoint()) =>
  chat.deliver(delivery, checkpoint, SIGNAL)

const PROMISES: [string, (bench: Bench) => Promise<void>][] = [
  [
    'is ready and says so in one sentence',
    async ({ chat }) => {
      const { ready, detail } = await chat.ready(SIGNAL)
      expect(ready).toBe(true)
      expect(detail).not.toContain('\n')
    },
  ],
  [
    'delivers text and an attachment',
    async ({ chat, arrived }) => {
      const to = await resolve(chat, LAB)
      const delivered = await deliver(chat, deliveryTo(to, { files: [png] }))
      expect(delivered).toMatchObject({ messages: [expect.any(Object)], leftOut: [] })
      expect(delivered.url).toMatch(/^http/)
      const text = expect.stringContaining('hello')
      expect(arrived(to)).toEqual([{ text, files: ['a.png'], thread: undefined }])
    },
  ],
  [
    'delivers to @me and to @bob, each in a lane of its own',
    async ({ chat, arrived }) => {
      const me = await resolve(chat, { kind: 'me' })
      const bob = await resolve(chat, { kind: 'person', name: 'bob' })
      await deliver(chat, deliveryTo(bob))
      expect([arrived(me).length, arrived(bob).length]).toEqual([0, 1])
    },
  ],
  [
    'refuses an unknown channel and an unknown person for good, naming the nearest',
    async ({ chat }) => {
      for (const [target, nearest] of [
        [{ kind: 'channel', name: 'lap' }, ['~lab']],
        [{ kind: 'person', name: 'bop' }, ['@bob']],
      ] as const) {
        const error = await resolve(chat, target).catch((reason: unknown) => reason)
        if (!(error instanceof ChatError)) throw new Error('Expected a ChatError')
        expect(error).toMatchObject({ retryable: false, nearest })
        expect(['unknown_target', 'not_allowed']).toContain(error.code)
      }
    },
  ],
  [
    'hears what is said to a post, with the account of who said it, and can be asked for it later',
    async ({ chat, say }) => {
      const destination = await resolve(chat, { kind: 'person', name: 'bob' })
      const delivered = await deliver(chat, deliveryTo(destination))
      const heard: Reply[] = []
      const { promise, resolve: done } = Promise.withResolvers<void>()
      const connected = Promise.withResolvers<void>()
      const hear = (reply: Reply) => {
        heard.push(reply)
        if (heard.length === 2) done()
      }
      const listening = chat.replies?.listen(hear, connected.resolve)
      await connected.promise
      await say('bob', { destination, delivered }, 'yes')
      await say('bob', { destination, delivered }, 'no')
      await promise
      await listening?.close()
      const { lane, accounts } = destination
      const place = { lane, thread: delivered.thread, direct: true, account: accounts?.person }
      expect(heard).toMatchObject([
        { ...place, text: 'yes' },
        { ...place, text: 'no' },
      ])
      expect(accounts?.person).toBeDefined()
      expect(accounts?.person).not.toBe(accounts?.poster)
      const missed = (after: number) =>
        chat.replies?.missed({ destination, delivered, after }, SIGNAL)
      expect(await missed(0)).toEqual(heard)
      expect(await missed(Date.now() + 60_000)).toEqual([])
    },
  ],
  [
    'hangs replies on the root that it named',
    async ({ chat, arrived }) => {
      const to = await resolve(chat, LAB)
      const { thread } = await deliver(chat, deliveryTo(to))
      for (let n = 0; n < 2; n++)
        expect((await deliver(chat, deliveryTo(to, { thread }))).thread).toBe(thread)
      expect(arrived(to).map((one) => one.thread)).toEqual([undefined, thread, thread])
    },
  ],
  [
    'keeps the order of a lane',
    async ({ chat, arrived }) => {
      const to = await resolve(chat, LAB)
      for (let n = 0; n < 5; n++)
        await deliver(chat, deliveryTo(to, { blocks: [{ type: 'message', text: `number ${n}` }] }))
      expect(arrived(to).map(({ text }) => /number \d/.exec(text)?.[0])).toEqual(
        [0, 1, 2, 3, 4].map((n) => `number ${n}`),
      )
    },
  ],
  [
    'delivers once, killed after any of its steps',
    async ({ chat, arrived }) => {
      const to = await resolve(chat, LAB)
      for (let steps = 0; steps < 5; steps++) {
        const before = arrived(to).length
        const delivery = deliveryTo(to, { files: [png] })
        const checkpoint = new MemoryCheckpoint(steps)
        await deliver(chat, delivery, checkpoint).catch((error: unknown) => {
          if (error !== MemoryCheckpoint.KILLED) throw error
        })
        await deliver(chat, delivery, new MemoryCheckpoint(Infinity, checkpoint.steps))
        expect(
          arrived(to)
            .slice(before)
            .map(({ files }) => files),
        ).toEqual([['a.png']])
      }
    },
  ],
  [
    'shows a delivered post in its new state, in its place, however often it is told',
    async ({ chat, arrived }) => {
      const to = await resolve(chat, LAB)
      const delivery = deliveryTo(to)
      const delivered = await deliver(chat, delivery)
      await deliver(chat, deliveryTo(to, { blocks: [{ type: 'message', text: 'after' }] }))
      const edit = editOf(delivery, delivered, { blocks: [{ type: 'message', text: 'changed' }] })
      const checkpoint = new MemoryCheckpoint()
      const first = await chat.edit(edit, checkpoint, SIGNAL)
      expect(first).toMatchObject({ messages: delivered.messages, url: delivered.url })
      expect(await chat.edit(edit, checkpoint, SIGNAL)).toEqual(first)
      expect(arrived(to).map(({ text }) => text)).toEqual([
        expect.stringContaining('changed'),
        expect.stringContaining('after'),
      ])
      expect(arrived(to)[0]?.text).not.toContain('hello')
    },
  ],
  [
    'shows files that an edit brings, once, and takes back those that it drops',
    async ({ chat, arrived }) => {
      const to = await resolve(chat, LAB)
      const delivery = deliveryTo(to)
      let delivered = await deliver(chat, delivery)
      const checkpoint = new MemoryCheckpoint()
      const files = () => arrived(to).flatMap((one) => one.files)
      const other = { ...png, name: 'b.png', bytes: Buffer.from('other') }
      for (const [wanted, version] of [
        [[png], 1],
        [[png, other], 2],
        [[other], 3],
      ] as const) {
        const edit = editOf(delivery, delivered, { files: [...wanted], version })
        delivered = await chat.edit(edit, checkpoint, SIGNAL)
        expect(files().toSorted()).toEqual(wanted.map(({ name }) => name))
      }
    },
  ],
  [
    'edits once, killed after any of its steps',
    async ({ chat, arrived }) => {
      const to = await resolve(chat, LAB)
      for (let steps = 0; steps < 8; steps++) {
        const before = arrived(to).length
        const delivery = deliveryTo(to)
        const delivered = await deliver(chat, delivery)
        const long = Array.from({ length: 900 }, (_, n) => `line ${n} of a long text`).join('\n\n')
        const killed = new MemoryCheckpoint(steps)
        const states = [
          { blocks: [{ type: 'message' as const, text: long }], files: [png] },
          { blocks: [{ type: 'message' as const, text: 'short' }], files: [png] },
        ]
        await chat
          .edit(editOf(delivery, delivered, states[0]), killed, SIGNAL)
          .catch((error: unknown) => {
            if (error !== MemoryCheckpoint.KILLED) throw error
          })
        // The newest state comes after the kill: nothing of the earlier one may stay.
        const checkpoint = new MemoryCheckpoint(Infinity, killed.steps)
        await chat.edit(
          editOf(delivery, delivered, { ...states[1], version: 2 }),
          checkpoint,
          SIGNAL,
        )
        const there = arrived(to).slice(before)
        expect(there.flatMap(({ files }) => files)).toEqual(['a.png'])
        expect(there.filter(({ text }) => text.includes('line '))).toEqual([])
        expect(there.filter(({ text }) => text.includes('short'))).toHaveLength(1)
      }
    },
  ],
  [
    'removes a post with all that edits added, also twice',
    async ({ chat, arrived }) => {
      const to = await resolve(chat, LAB)
      const delivery = deliveryTo(to)
      const delivered = await deliver(chat, delivery)
      const checkpoint = new MemoryCheckpoint()
      const edit = editOf(delivery, delivered, { files: [png] })
      await chat.edit(edit, checkpoint, SIGNAL)
      for (let n = 0; n < 2; n++) await chat.remove(edit, checkpoint, SIGNAL)
      expect(arrived(to)).toEqual([])
    },
  ],
  [
    'lists what may be posted to',
    async ({ chat }) => {
      expect(await chat.targets('', PERSON, SIGNAL)).toEqual(expect.arrayContaining(['@me', 'lab']))
      expect(await chat.targets('la', PERSON, SIGNAL)).toEqual(['lab'])
    },
  ],
]

for (const [service, open] of Object.entries(SERVICES))
  test.each(PROMISES)(`${service} %s`, async (_, keeps) => {
    await using bench = await open()
    await keeps(bench)
  })
