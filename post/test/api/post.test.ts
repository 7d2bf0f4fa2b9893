// `post()` outside a notebook: its forms, attachments and the handle; and its way through a kernel
// process.
import { execFileSync } from 'node:child_process'
import { createReadStream, truncateSync, writeFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { View, parse } from 'vega'
import type { Spec } from 'vega'
import { DISPLAY } from '../../api/attachment.ts'
import { fileOfDisk } from '../../api/disk-file.ts'
import { answerOf, PostRequest } from '../../api/call.ts'
import { PostError } from '../../contract/error.ts'
import { typed } from '../../api/file-types.ts'
import { kernelTransport } from '../../api/kernel-transport.ts'
import { httpPosting } from '../../api/index.ts'
import type { PostOptions } from '../../api/index.ts'
import { sendPost } from '../../api/post.ts'
import { RelayPoster } from '../../relay/poster.ts'
import { relayProgram, testFolder } from '../helpers/folder.ts'
import { startStandIn } from '../helpers/relay.ts'
import type { StandIn } from '../helpers/relay.ts'

const PNG = Buffer.from('89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c489', 'hex')
const SVG = '<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><path/></svg>'

const { post } = httpPosting(relayProgram)
const folder = testFolder()
let relay: StandIn
let address: { url: string; token: string }

beforeAll(async () => {
  relay = await startStandIn()
  address = { url: relay.url, token: 't' }
})

beforeEach(() => {
  relay.taken.length = 0
})

afterAll(async () => {
  await relay.close()
  folder.remove()
})

/** `post()` as plain JavaScript calls it, with any arguments. */
function withAttachment(attachment: unknown): PostOptions {
  const given: object = { attachment }
  return { ...address, channel: '@me', ...given }
}

describe('an attachment is sniffed, whatever it is given as', () => {
  writeFileSync(join(folder.path, 'data.csv'), 'a,b\n1,2\n')
  test.each<[string, unknown, string, string]>([
    ['Uint8Array', new Uint8Array(PNG), 'attachment-1.png', 'image/png'],
    [
      'a view into a larger buffer',
      Buffer.concat([Buffer.from('xx'), PNG]).subarray(2),
      'attachment-1.png',
      'image/png',
    ],
    ['ArrayBuffer', new Uint8Array(PNG).buffer, 'attachment-1.png', 'image/png'],
    [
      'Blob with a false type',
      new Blob([PNG], { type: 'image/gif' }),
      'attachment-1.png',
      'image/png',
    ],
    ['Blob of text', new Blob(['a,b'], { type: 'text/csv' }), 'attachment-1.csv', 'text/plain'],
    ['File', new File([PNG], 'mine.png'), 'mine.png', 'image/png'],
    ['a promise', Promise.resolve(PNG), 'attachment-1.png', 'image/png'],
    ['SVG text', `some text ${SVG}`, 'attachment-1.svg', 'image/svg+xml'],
    ['a path', join(folder.path, 'data.csv'), 'data.csv', 'text/plain'],
    [
      'a stream',
      Readable.from([PNG.subarray(0, 9), PNG.subarray(9)]),
      'attachment-1.png',
      'image/png',
    ],
    [
      'a file that is read',
      createReadStream(join(folder.path, 'data.csv')),
      'data.csv',
      'text/plain',
    ],
    ['a stream of the web', new Blob([PNG]).stream(), 'attachment-1.png', 'image/png'],
    ['an answer of fetch', new Response(PNG), 'attachment-1.png', 'image/png'],
    ['a file URL', pathToFileURL(join(folder.path, 'data.csv')), 'data.csv', 'text/plain'],
    [
      'a canvas',
      { toBuffer: (type: string) => (type === 'image/png' ? PNG : undefined) },
      'attachment-1.png',
      'image/png',
    ],
    ['a node', { outerHTML: `<figure>${SVG}</figure>` }, 'attachment-1.svg', 'image/svg+xml'],
    [
      'a displayed value',
      { [DISPLAY]: () => ({ 'image/png': PNG.toString('base64') }) },
      'attachment-1.png',
      'image/png',
    ],
    [
      'bytes of no known type',
      new Uint8Array([0, 1, 2]),
      'attachment-1.bin',
      'application/octet-stream',
    ],
  ])('%s', async (_name, attachment, name, mimetype) => {
    await post(withAttachment(attachment))
    expect(relay.taken[0]?.files[0]).toMatchObject({ name, mimetype })
    const type = ['image/png'].includes(mimetype) ? 'image' : 'file'
    expect(relay.taken[0]?.manifest.blocks).toEqual([{ type, file: 0 }])
  })

  test.each<[string, unknown, RegExp]>([
    ['a number', 3, /Attachment 1 is a number; expected bytes/],
    [
      'a path without a file',
      'nope.png',
      /Attachment 1, nope\.png, does not exist: expected the path/,
    ],
    ['a folder', '/', /is a folder/],
    ['text of two lines', 'a\nb', /text of 3 characters that is no SVG/],
    ['an address as text', 'https://x.example/a.png', /is an address in the web/],
    ['a stream of objects', Readable.from([{ a: 1 }]), /a stream of an object of class Object/],
    ['an empty stream', Readable.from([]), /is empty/],
    ['a class of its own', new Map(), /object of class Map/],
    ['an address', new URL('https://x.example/a.png'), /only file: URLs/],
    ['no file', pathToFileURL('/nowhere/x.png'), /Cannot attach \/nowhere\/x\.png/],
    ['nothing', new Uint8Array(0), /is empty/],
    ['a device', '/dev/null', /Cannot attach \/dev\/null: it is a device or a pipe/],
    ['a device by its URL', 'file:///dev/null', /it is a device or a pipe/],
  ])('%s is refused', async (_name, attachment, words) => {
    const failure = post(withAttachment([attachment]))
    await expect(failure).rejects.toThrow(words)
    await expect(failure).rejects.toBeInstanceOf(PostError)
    expect(relay.taken).toEqual([])
  })

  test('a pipe is read only where a command asks for it', async () => {
    const path = join(folder.path, 'pipe')
    execFileSync('mkfifo', [path])
    await expect(post(withAttachment(path))).rejects.toThrow('it is a device or a pipe')
    const reading = fileOfDisk(path, { pipes: true })
    await writeFile(path, 'made by a command')
    expect(await reading).toEqual({ name: 'pipe', bytes: Buffer.from('made by a command') })
  })

  test('a file that is larger than any post is not read', async () => {
    const path = join(folder.path, 'large.bin')
    writeFileSync(path, '')
    truncateSync(path, 300 * 1024 * 1024)
    const words = `Cannot attach ${path}: it has more than 256 MB`
    await expect(post(withAttachment(path))).rejects.toThrow(words)
  })
})

test('a view of Vega is attached as its drawing', async () => {
  const spec: Spec = {
    width: 20,
    height: 10,
    marks: [{ type: 'rect', encode: { enter: { width: { value: 9 }, height: { value: 9 } } } }],
  }
  const view = new View(parse(spec), { renderer: 'none' })
  await post(withAttachment(view))
  const [file] = relay.taken[0]?.files ?? []
  expect(file).toMatchObject({ name: 'attachment-1.svg', mimetype: 'image/svg+xml' })
  expect(file?.bytes.toString()).toMatch(/^<svg[^]*viewBox="0 0 \d+ \d+"[^]*<\/svg>$/)
})

test('of a figure with a legend of swatches the plot is attached', async () => {
  const swatch = '<svg width="15" height="15"><rect width="100%" height="100%"/></svg>'
  const plot =
    '<svg viewBox="0 0 300 150" width="300" height="150"><svg><path d="M0,0"/></svg></svg>'
  await post(withAttachment({ outerHTML: `<figure>${swatch}a${swatch}b${plot}<p>c</p></figure>` }))
  expect(relay.taken[0]?.files[0]?.bytes.toString()).toBe(plot)
})

test('message and several attachments keep their order', async () => {
  await post({
    ...address,
    message: 'look',
    channel: 'a,@me',
    attachment: [PNG, SVG],
    thread: 'run 7',
  })
  expect(relay.taken[0]?.manifest).toEqual({
    targets: ['a', '@me'],
    thread: 'run 7',
    blocks: [
      { type: 'message', text: 'look' },
      { type: 'image', file: 0 },
      { type: 'file', file: 1 },
    ],
  })
})

test('several channels are a list or a text; undefined and null are no attachments', async () => {
  await post({ ...address, message: 'x', channel: ['@Me', 'lab,@me'], attachment: [null, PNG] })
  await post({ ...address, message: 'y', channel: '@me,lab', attachment: null })
  expect(relay.taken.map(({ manifest }) => manifest.targets)).toEqual([
    ['@me', 'lab'],
    ['@me', 'lab'],
  ])
  expect(relay.taken.map(({ files }) => files.length)).toEqual([1, 0])
})

test.each<[string, unknown, object]>([
  ['a figure', { toBuffer: () => PNG }, { type: 'image', file: 0 }],
  ['bytes', PNG, { type: 'image', file: 0 }],
  ['a number', 3, { type: 'message', text: '3' }],
  [
    'an object',
    { loss: 0.1, 'a*b*': [1] },
    { type: 'text', text: "{ loss: 0.1, 'a*b*': [ 1 ] }", stream: 'result' },
  ],
])('%s in the place of a message is posted as it is shown', async (_name, message, block) => {
  const options: object = { message }
  await post({ ...address, channel: 'lab', ...options })
  expect(relay.taken[0]?.manifest.blocks).toEqual([block])
})

test.each<[string, object, string]>([
  ['no channel', { message: 'x' }, 'bad_target'],
  ['a channel that is none', { message: 'x', channel: 'a/b' }, 'bad_target'],
  ['neither message nor attachment', { channel: 'a' }, 'bad_request'],
  ['a message that is no text', { message: () => 3, channel: 'a' }, 'bad_request'],
  ['an empty list of channels', { message: 'x', channel: [] }, 'bad_target'],
  ['a list with something else', { message: 'x', channel: ['a', undefined] }, 'bad_target'],
])('%s is refused', async (_name, options, code) => {
  await expect(post({ ...address, channel: '', ...options })).rejects.toMatchObject({ code })
})

test('the handle tells what became of the post, and shows its receipt', async () => {
  const handle = await post({ ...address, message: 'hi', channel: '@me' })
  expect([handle.status, handle.url]).toEqual(['queued', undefined])
  expect(await handle.delivered()).toEqual({ status: 'delivered', url: 'http://chat/1' })
  expect([handle.status, handle.url]).toEqual(['delivered', 'http://chat/1'])
  expect(handle[DISPLAY]()).toMatchObject({
    'text/plain': 'Posted to @me (stand-in) · http://chat/1',
  })
})

test('a reply is in the thread of its post', async () => {
  const handle = await post({ ...address, message: 'hi', channel: '@me' })
  await handle.reply('done')
  const [first, second] = relay.taken
  expect(first?.manifest.thread).toBeDefined()
  expect(second?.manifest.thread).toBe(first?.manifest.thread)
})

test('through a kernel process a post arrives the same, and a refusal keeps its code', async () => {
  const poster = new RelayPoster({ env: folder.env, relayProgram, ...address })
  const call = async (request: PostRequest): Promise<unknown> => {
    const parsed = PostRequest.parse(structuredClone(request))
    if (parsed.action === 'submit') return answerOf(poster.post(await typed(parsed.post)))
    return answerOf(
      Promise.reject(new PostError('unknown_post', 'no such post', { nearest: ['x'] })),
    )
  }
  const handle = await sendPost(['hi', '@me', PNG], (to) => kernelTransport(call, to))
  expect(relay.taken[0]?.files[0]?.bytes.equals(PNG)).toBe(true)
  await expect(handle.delivered()).rejects.toMatchObject({
    name: 'PostError',
    code: 'unknown_post',
    nearest: ['x'],
  })
})
