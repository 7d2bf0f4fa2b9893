// Edits at a stand-in Mattermost: what stays in place, what goes into the thread, and what happens
// when the server allows no edit.
import { afterEach, beforeEach, expect, test } from '@jest/globals'

import type { Block } from '../../../post/contract/schema.ts'
import type { Delivered, Delivery, Destination } from '../../chat/chat.ts'
import { Mattermost } from '../../chat/mattermost/index.ts'
import { ALICE, deliveryTo, editOf, MemoryCheckpoint, MemoryLinks } from '../helpers/delivery.ts'
import { MattermostServer } from '../helpers/mattermost.ts'

const SIGNAL = new AbortController().signal
const PATCH = /\/patch$/

let server: MattermostServer
let chat: Mattermost
let to: Destination
let delivery: Delivery
let delivered: Delivered
let checkpoint: MemoryCheckpoint
let version: number
let now: number

beforeEach(async () => {
  now = 1_700_000_000_000
  server = await MattermostServer.start({ now: () => now })
  server.addUser('alice')
  server.addChannel('lab', ['alice', 'jupyterpost'])
  const { url, token, team } = server
  const identity = { kind: 'same-name', names: {}, links: new MemoryLinks() } as const
  chat = new Mattermost({ url, token, team, identity, now: () => now, monotonic: () => now })
  to = await chat.resolve({ kind: 'channel', name: 'lab' }, ALICE, SIGNAL)
  delivery = deliveryTo(to)
  delivered = await chat.deliver(delivery, new MemoryCheckpoint(), SIGNAL)
  checkpoint = new MemoryCheckpoint()
  version = 0
})

afterEach(async () => {
  await server.close()
})

const said = (text: string): Block[] => [{ type: 'message', text }]
/** Text for about this many messages. */
const long = (messages: number) =>
  Array.from({ length: messages * 500 }, (_, n) => `paragraph ${n} of a text`).join('\n\n')

async function edit(blocks: Block[], files: Delivery['files'] = []): Promise<Delivered> {
  version += 1
  delivered = await chat.edit(
    editOf(delivery, delivered, { blocks, files, version }),
    checkpoint,
    SIGNAL,
  )
  return delivered
}

const messages = () => server.messages(to.lane)
const texts = () => messages().map(({ message }) => message)

test('an edit sends the whole props, so that the post stays the bot its own', async () => {
  await edit(said('new'))
  expect(server.sent('PUT', PATCH).map(({ json }) => json)).toEqual([
    {
      message: '**alice** · via jupyterpost\n\nnew',
      props: { jupyterpost: `${delivery.id}:0`, from_bot: 'true' },
    },
  ])
})

test('the same state again asks for nothing', async () => {
  await edit(said('new'))
  await edit(said('new'))
  expect(server.sent('PUT', PATCH)).toHaveLength(1)
})

test('a text that grows goes on in the thread, one that shrinks leaves nothing there', async () => {
  await edit(said(long(2)))
  const [root, ...more] = messages()
  expect(more.length).toBeGreaterThan(0)
  expect(more.every(({ root_id }) => root_id === root?.id)).toBe(true)
  expect(delivered.messages.map(({ id }) => id)).toEqual(messages().map(({ id }) => id))
  await edit(said('short'))
  expect(texts()).toEqual(['**alice** · via jupyterpost\n\nshort'])
})

test('a text that is too long for messages becomes a file in the thread', async () => {
  await edit(said(long(9)))
  const files = messages().flatMap(({ file_ids = [] }) => file_ids)
  expect(files.map((id) => server.state.files.get(id)?.name)).toEqual(['output.txt'])
  await edit(said('short'))
  expect(texts()).toEqual(['**alice** · via jupyterpost\n\nshort'])
})

test('a deleted message comes again with its files, and the handle moves', async () => {
  const png = { name: 'a.png', mimetype: 'image/png', bytes: Buffer.from('png') }
  await edit(said('one'), [png])
  server.state.deletePost(delivered.messages[0]?.id ?? '', server.bot)
  const moved = await edit(said('two'), [png])
  expect(texts()).toEqual(['**alice** · via jupyterpost\n\ntwo', '**alice** · *added: a.png*'])
  expect(moved.url).toBe(`${server.url}/qt/pl/${messages()[0]?.id}`)
  expect(messages()[1]?.root_id).toBe(messages()[0]?.id)
})

test('when the time for edits is over, the new state is a message in the thread', async () => {
  server.state.config.PostEditTimeLimit = '60'
  now += 61_000
  const [old] = messages()
  const moved = await edit(said('late'))
  expect(messages()).toMatchObject([{ id: old?.id }, { root_id: old?.id }])
  expect(moved).toMatchObject({ thread: old?.id, messages: [{ id: messages()[1]?.id }] })
  await edit(said('later'))
  expect(texts()).toEqual([
    '**alice** · via jupyterpost\n\nhello',
    '**alice** · via jupyterpost\n\nlater',
  ])
})

test('a person who may no longer post there may not edit either, but may take the post back', async () => {
  const { id } = server.state.user('alice')
  server.state.channels.get(to.lane)?.members.delete(id)
  now += 60_000
  await expect(edit(said('x'))).rejects.toMatchObject({ code: 'not_allowed', retryable: false })
  await chat.remove(editOf(delivery, delivered), checkpoint, SIGNAL)
  expect(texts()).toEqual([])
})

test.each([
  ['PUT', PATCH],
  ['POST', /^\/posts$/],
  ['POST', /^\/files$/],
] as const)('an answer to %s that is lost doubles nothing', async (method, path) => {
  const png = { name: 'a.png', mimetype: 'image/png', bytes: Buffer.from('png') }
  server.fail(method, path, { kind: 'reset mid-body' })
  await expect(edit(said(long(2)), [png])).rejects.toMatchObject({ retryable: true })
  server.state.forgetKeys()
  now += 60_000
  await edit(said(long(2)), [png])
  expect(messages().map(({ id }) => id)).toHaveLength(delivered.messages.length)
  const files = messages().flatMap(({ file_ids = [] }) => file_ids)
  expect(files).toHaveLength(1)
  await edit(said('short'), [png])
  expect(texts()).toEqual(['**alice** · via jupyterpost\n\nshort', '**alice** · *added: a.png*'])
})

test('a file that Mattermost refuses is named in the post', async () => {
  server.state.config.MaxFileSize = '2'
  const png = { name: 'a.png', mimetype: 'image/png', bytes: Buffer.from('png') }
  await edit(said('with a file'), [png])
  expect(texts()).toEqual([expect.stringContaining('*left out: a.png: too large for Mattermost*')])
})
