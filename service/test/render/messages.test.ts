import { expect, test } from '@jest/globals'
import type { Block, PostFile } from '../../../post/contract/schema.ts'
import { renderPost } from '../../render/messages.ts'

const CHAT = {
  tables: true,
  math: true,
  text: { max: 16383, unit: 'runes' },
  files: { perMessage: 10, bytes: 1024 * 1024 },
} as const

const FIRST = '**alice** · via jupyterpost'

const png = (name: string, size = 3): PostFile => ({
  name,
  mimetype: 'image/png',
  bytes: new Uint8Array(size),
})

function render(blocks: Block[], files: PostFile[] = []) {
  return renderPost({ who: 'alice', source: {}, blocks, files }, CHAT)
}

test('a blank post is never sent', () => {
  expect(render([{ type: 'text', text: '' }]).messages).toEqual([
    { text: `${FIRST}\n\n*no output*`, showsText: true, files: [] },
  ])
})

test('an image alone needs no words', () => {
  expect(render([{ type: 'image', file: 0 }], [png('a.png')]).messages).toEqual([
    { text: FIRST, showsText: true, files: [0] },
  ])
})

test('an image between texts is named in its place', () => {
  const blocks: Block[] = [
    { type: 'text', text: 'a' },
    { type: 'image', file: 0 },
    { type: 'text', text: 'b' },
  ]
  expect(render(blocks, [png('a.png')]).messages[0]?.text).toBe(
    `${FIRST}\n\n\`\`\`\na\n\`\`\`\n\n*a.png*\n\n\`\`\`\nb\n\`\`\``,
  )
})

test('25 images go into three messages, in order', () => {
  const files = Array.from({ length: 25 }, (_, index) => png(`${index}.png`))
  const { messages } = render(
    files.map((_, file): Block => ({ type: 'image', file })),
    files,
  )
  expect(messages.map((message) => message.files.length)).toEqual([10, 10, 5])
  expect(messages.flatMap((message) => message.files)).toEqual(files.map((_, index) => index))
  expect(messages.map(({ text }) => text)).toEqual([
    FIRST,
    '**alice** · files 11–20',
    '**alice** · files 21–25',
  ])
})

test('a file over the limit of the chat is named, not dropped', () => {
  const { messages, leftOut } = render(
    [{ type: 'file', file: 0 }],
    [png('@all_big.png', 2 * 1024 * 1024)],
  )
  expect(leftOut).toEqual(['@all_big.png: 2.0 MB, this chat takes files up to 1.0 MB'])
  expect(messages).toEqual([
    {
      text: `${FIRST}\n\n*left out: @\u200ball_big.png: 2.0 MB, this chat takes files up to 1.0 MB*`,
      showsText: true,
      files: [],
    },
  ])
})

test('the same post gives the same messages', () => {
  const blocks: Block[] = [{ type: 'text', text: 'x\n'.repeat(20_000) }]
  expect(render(blocks)).toEqual(render(blocks))
})
