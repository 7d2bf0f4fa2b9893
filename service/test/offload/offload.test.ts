// Large work is computed in threads with a budget: the main thread goes on, and work over the
// budget is refused or named.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test } from '@jest/globals'

import { until } from '../../../test/helpers/until.ts'
import { DEFAULT_LIMITS } from '../../../post/contract/schema.ts'
import type { Block, PostFile } from '../../../post/contract/schema.ts'
import { Offload } from '../../offload/offload.ts'
import { textOf } from '../helpers/bytes.ts'

const CHAT = {
  tables: true,
  math: false,
  text: { max: 16_383, unit: 'runes' as const },
  files: { perMessage: 5, bytes: 1e8 },
}
const SECRET = `ghp_${'a1B2'.repeat(9)}`
const signal = new AbortController().signal

let offload: Offload
beforeEach(() => {
  offload = new Offload()
})
afterEach(() => offload.close())

const upload = (manifest: string, files: PostFile[] = []) =>
  offload.read({ fields: { post: manifest }, files, limits: DEFAULT_LIMITS, manifest: 'post' })
const manifest = (...blocks: Block[]) => JSON.stringify({ targets: ['@me'], blocks })
const mask = (blocks: Block[], files: PostFile[], by = offload) =>
  by.content({ blocks, files, limits: { ...DEFAULT_LIMITS }, masked: true })
const markdown = (text: string): Block => ({ type: 'markdown', text })

/**
 * The longest time this thread computed without a break while `work` was done, in ms of processor
 * time: other programs do not count.
 */
async function longestHold(work: () => Promise<unknown>): Promise<number> {
  let last = process.threadCpuUsage()
  let longest = 0
  const look = () => {
    const { user, system } = process.threadCpuUsage(last)
    longest = Math.max(longest, (user + system) / 1000)
    last = process.threadCpuUsage()
  }
  const timer = setInterval(look, 1)
  try {
    await work()
    look()
  } finally {
    clearInterval(timer)
  }
  return longest
}

test('small posts need no thread; a large one starts one, which ends when it is idle', async () => {
  const quick = new Offload({ idleMs: 20 })
  await mask([markdown('small')], [], quick)
  expect(quick.threads).toBe(0)
  const { blocks } = await mask([markdown(`${'x '.repeat(10_000)}${SECRET}`)], [], quick)
  expect(blocks[0]).toMatchObject({ text: expect.stringContaining('[masked: GitHub token]') })
  expect(quick.threads).toBe(1)
  await until(() => quick.threads === 0, 'the thread ends')
  await quick.close()
})

test('large files come back from masking: texts masked, pictures as they were', async () => {
  const text = {
    name: 'a.txt',
    mimetype: 'text/plain',
    bytes: Buffer.from(`${SECRET} `.repeat(1000)),
  }
  const picture = {
    name: `${SECRET}.png`,
    mimetype: 'image/png',
    bytes: new Uint8Array(100_000).fill(1),
  }
  const { files, count } = await mask([], [text, picture])
  expect(count).toBe(1)
  expect(textOf(files[0])).toBe('[masked: GitHub token] '.repeat(1000))
  expect(files[1]?.name).toBe('[masked: GitHub token].png')
  expect(files[1]?.bytes).toBe(picture.bytes)
})

test('large text files come back as they were if secrets stay', async () => {
  const bytes = new Uint8Array(100_000).fill(65)
  const { files } = await offload.content({
    blocks: [{ type: 'html', html: '<p>a</p>', text: '' }],
    files: [{ name: 'a.txt', mimetype: 'text/plain', bytes }],
    limits: { ...DEFAULT_LIMITS },
    masked: false,
  })
  expect(files[0]?.bytes).toBe(bytes)
  expect(bytes).toHaveLength(100_000)
})

test('a large manifest is read with its files, whose bytes come back', async () => {
  const bytes = new Uint8Array(1_000_000).fill(65)
  const file = { name: '../a b.bin', mimetype: '', bytes }
  const read = await upload(manifest(markdown('x'.repeat(100_000))), [file])
  expect(read.post?.blocks[0]).toEqual(markdown('x'.repeat(100_000)))
  expect(read.files[0]).toMatchObject({ name: 'a_b.bin', mimetype: 'text/plain' })
  expect(read.files[0]?.bytes.byteLength).toBe(1_000_000)
  expect(read.digests[0]).toMatch(/^[0-9a-f]{64}$/)
})

test.each([
  ['JSON that nests 4 million levels', '['.repeat(4_000_000), 'nests 32 levels at most'],
  ['an unknown type', JSON.stringify({ targets: ['a'], blocks: [{ type: 'x' }] }), 'blocks.0.type'],
  [
    'a table of 150,000 empty cells',
    manifest({ type: 'table', columns: [], rows: [Array<string>(150_000).fill('')] }),
    '100000 cells',
  ],
  ['100,000 blocks', manifest(...Array<Block>(100_000).fill(markdown(''))), '1048576 bytes'],
])('%s is refused with a sentence', async (_, text, sentence) => {
  await expect(upload(text)).rejects.toMatchObject({ message: expect.stringContaining(sentence) })
})

test.each([
  ['longer than its time', new Offload({ taskMs: 1 }), 'it took longer than 0.001 s'],
  ['more than its memory', new Offload({ heapMb: 16 }), 'it took more than 16 MB'],
])(
  'what takes %s is refused, and the next is done by a fresh thread',
  async (_, poor, why) => {
    const blocks = [markdown(`${SECRET}\n\`\`\`\n\`\`\`\n`.repeat(200_000))]
    await expect(mask(blocks, [], poor)).rejects.toMatchObject({
      code: 'too_large',
      message: expect.stringContaining(why),
    })
    const printed = await poor.print({ who: 'ada', source: {}, blocks, files: [] }, CHAT, signal)
    expect(printed.messages.map(({ text }) => text).join()).toContain(
      `The text of this post is left out: printing it failed, ${why}`,
    )
    expect((await mask([markdown('small')], [], poor)).count).toBe(0)
    await poor.close()
  },
  60_000,
)

test('what a busy machine delays is not refused: processor time counts', async () => {
  const child = spawn(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', join(import.meta.dirname, 'fixtures/masking.ts')],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  )
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]()
  expect((await lines.next()).value).toBe('has begun')
  child.kill('SIGSTOP')
  // Longer than the task may take, as if other programs used the machine.
  await setTimeout(3500)
  child.kill('SIGCONT')
  expect((await lines.next()).value).toBe('masked')
  await once(child, 'exit')
}, 60_000)

test.each([
  ['headings', '<h1>x'],
  ['marks', '<b>x</b>'],
  ['cells', '<tr><th>a<td>b'],
  ['links', '<a href="https://x.org">x</a>'],
])(
  'four megabytes of HTML fit into a thread: %s',
  async (_, unit) => {
    const html = `<table>${unit.repeat(Math.floor((4 * 1024 * 1024 - 7) / unit.length))}`
    const { blocks } = await mask([{ type: 'html', html, text: 'its text' }], [])
    expect(blocks.at(-1)).toMatchObject({
      type: 'notice',
      text: expect.stringContaining('HTML is shown in a simpler form: it'),
    })
  },
  60_000,
)

test('a relay that closes does not wait for a task', async () => {
  const blocks = Array<Block>(30_000).fill(markdown('a'))
  const masked = mask(blocks, [])
  const [, end] = await Promise.all([offload.close(), masked.then(String, String)])
  expect(end).toContain('The relay is closing')
})

const size = 1_000_000
const filled = (text: string) => text.repeat(Math.floor(size / Buffer.byteLength(text)))
const html = (text: string): Block => ({ type: 'html', html: text, text: '' })

test.each<[string, Block[]]>([
  ['images that never end', [markdown(filled('![]('))]],
  ['code fences', [markdown(filled('```\n😀\n```\n'))]],
  ['quotes and lists', [markdown(filled('> - '))]],
  ['one line', [{ type: 'text', text: filled('a') }]],
  ['nested elements', [html(filled('<div>'))]],
  ['cells of HTML', [html(`<table>${filled('<td rowspan=9>')}`)]],
  [
    'joined cells',
    [html(filled('<table><tr><td colspan=1000000000 rowspan=1000000000>x</table>'))],
  ],
  ['tiny tables', [html(filled('<table><tr><td>1</table>'))]],
  ['comments and entities', [html(filled('<!-- x -->&amp;&#x41;&nosuch;'))]],
  ['attributes', [html(`<p ${Array.from({ length: 150_000 }, (_, n) => `a${n}`).join(' ')}>x`)]],
  ['end tags below 490 elements', [html(`${'<b>'.repeat(490)}${filled('</x>')}`)]],
  [
    'columns over empty rows',
    [
      {
        type: 'table',
        columns: Array<string>(40_000).fill(''),
        rows: Array.from({ length: 50_000 }, () => []),
      },
    ],
  ],
  ['blocks', Array.from({ length: 30_000 }, () => ({ type: 'text' as const, text: 'a' }))],
])(
  'a megabyte of %s is read, masked and printed, and the main thread goes on meanwhile',
  async (_, blocks) => {
    const text = manifest(...blocks)
    const held = await longestHold(async () => {
      const { post } = await upload(text)
      const masked = await mask(post?.blocks ?? [], [])
      const from = { who: 'ada', source: {}, blocks: masked.blocks, files: [] }
      const { messages } = await offload.print(from, CHAT, signal)
      expect(messages.length).toBeLessThan(5)
    })
    // 2 ms for most, 70 for 90,000 small arrays, which are copied between threads; in place it
    // would be a second or more.
    expect(held).toBeLessThan(100)
  },
  60_000,
)
