// Whatever is posted, however it is written: the messages, as a chat server reads them, mention
// nobody who must not be mentioned.
import { expect, test } from '@jest/globals'
import { encodeHTML } from 'entities'
import MarkdownIt from 'markdown-it'
import { DEFAULT_LIMITS } from '../../../post/contract/schema.ts'
import type { Block } from '../../../post/contract/schema.ts'
import { readContent } from '../../offload/content.ts'
import { renderPost } from '../../render/messages.ts'

const CHAT = {
  tables: true,
  math: true,
  text: { max: 300, unit: 'runes' },
  files: { perMessage: 10, bytes: 1024 * 1024 },
} as const
/** Number of posts, each with nine mentions. */
const CASES = Number(process.env.JUPYTERPOST_TEST_MENTIONS ?? 900)

// As Mattermost's server reads a message: CommonMark without emphasis and HTML, with pipe tables;
// code is not text.
const chat = new MarkdownIt('commonmark', { html: false })
  .enable('table')
  .disable(['emphasis', 'html_block', 'html_inline'])

/** Runs of text with nothing between them, entities and escapes decoded. */
function texts(message: string): string[] {
  return chat.parse(message, {}).flatMap((block) => {
    const runs = ['']
    const add = (tokens: typeof block.children) => {
      for (const token of tokens ?? []) {
        if (token.type === 'text') runs.push((runs.pop() ?? '') + token.content)
        else runs.push('')
        if (token.type === 'image') add(token.children)
      }
    }
    add(block.children)
    return runs
  })
}

/** Names the server finds (`processText`): words of letters, digits, `.-_:@`, and parts of them. */
function mentioned(message: string): string[] {
  const words = texts(message).flatMap((text) => text.match(/[\p{L}\p{N}:.\-_@]+/gu) ?? [])
  return words
    .flatMap((word) => [word.replace(/^[:.\-_]+/, ''), ...word.split(/[.:-]/)])
    .map((word) => word.replace(/[.\-_:]+$/, ''))
    .filter((word) => word.startsWith('@') && word.length > 1)
    .map((word) => word.toLowerCase())
}

const EVERYBODY = ['@all', '@channel', '@here', '@everyone']

/** The same numbers for the same seed (mulberry32). */
function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/**
 * A keyword as somebody may write it: in any case, each character plain, escaped, by number or by
 * name.
 */
function encoded(keyword: string, random: () => number): string {
  return Array.from(keyword)
    .map((letter) => {
      const shown = random() < 0.3 ? letter.toUpperCase() : letter
      const code = shown.codePointAt(0) ?? 0
      const zeros = '0'.repeat(Math.floor(random() * 4))
      const forms = [
        shown,
        shown,
        `&#${zeros}${code};`,
        `&#x${zeros}${code.toString(16)};`,
        `&#X${code.toString(16).toUpperCase()};`,
        shown === '@' ? '&commat;' : encodeHTML(shown),
        shown === '@' ? '\\@' : shown,
      ]
      return forms[Math.floor(random() * forms.length)] ?? shown
    })
    .join('')
}

const SURROUNDINGS: ((mention: string) => string)[] = [
  (mention) => mention,
  (mention) => `hi ${mention}, look`,
  (mention) => `**${mention}**`,
  (mention) => `_${mention}_`,
  (mention) => `> ${mention}`,
  (mention) => `- a\n  - ${mention}!`,
  (mention) => `# ${mention}`,
  (mention) => `| ${mention} | x |\n| --- | --- |\n| y | ${mention} |`,
  (mention) => `[${mention}](https://example.org)`,
  (mention) => `![${mention}](https://example.org/a.png)`,
  (mention) => `https://example.org/${mention}`,
  (mention) => `<https://example.org/${mention}>`,
  (mention) => `\`code ${mention}`,
  (mention) => `a.${mention}.b -${mention}- :${mention}`,
  (mention) => `\`\`\`\n${mention}\n\`\`\`\n${mention}`,
  (mention) => `- \`\`\`\n${mention}`,
  (mention) => `\r\`\`\`\r${mention}`,
  (mention) => `${'x'.repeat(250)} ${'`'.repeat(3)} ${mention}`,
  (mention) => `${'x'.repeat(269)}${mention}`,
  (mention) => `<b>${mention}</b><!-- -->${mention}`,
  (mention) => `\\${mention} \\\\${mention}`,
  (mention) => `&amp;${mention} &#38;${mention}`,
]

/** Each way in which a text gets into a post. */
const PLACES: ((text: string) => Block)[] = [
  (text) => ({ type: 'message', text }),
  (text) => ({ type: 'markdown', text }),
  (text) => ({ type: 'text', text }),
  (text) => ({ type: 'text', text, stream: 'stderr' }),
  (text) => ({ type: 'html', html: text, text }),
  (text) => ({
    type: 'html',
    html: `<p>${text}</p><table><tr><td>${text}</td></tr></table>`,
    text,
  }),
  (text) => ({ type: 'table', columns: [text, 'x'], rows: [[text, text]] }),
  (text) => ({ type: 'error', name: text, message: text, traceback: text }),
  (text) => ({ type: 'notice', text }),
  (text) => ({ type: 'code', language: text, text }),
  (text) => ({ type: 'latex', text }),
  () => ({ type: 'file', file: 0 }),
]

async function messages(given: Block[], name: string): Promise<string[]> {
  const { blocks } = await readContent({
    blocks: given,
    files: [],
    limits: { ...DEFAULT_LIMITS },
    masked: false,
  })
  const files = [{ name, mimetype: 'text/plain', bytes: new Uint8Array(2 ** 21) }]
  const source = { notebook: name.slice(0, 200) }
  const post = { who: name, source, blocks, files, signature: name }
  return renderPost(post, CHAT).messages.map(({ text }) => text)
}

function pick<T>(from: readonly T[], random: () => number): T {
  const picked = from[Math.floor(random() * from.length)]
  if (picked === undefined) throw new Error('Nothing to pick from')
  return picked
}

test('no way to write @all, @channel, @here or @everyone pings a channel, wherever it stands', async () => {
  const random = seeded(8)
  for (let n = 0; n < CASES; n++) {
    const write = () => {
      const text = pick(SURROUNDINGS, random)(encoded(pick(EVERYBODY, random), random))
      return pick(PLACES, random)(text)
    }
    const blocks = Array.from({ length: 8 }, write)
    const name = pick(SURROUNDINGS, random)(encoded(pick(EVERYBODY, random), random))
    const found = (await messages(blocks, name)).flatMap(mentioned)
    expect({ blocks, name, found: found.filter((one) => EVERYBODY.includes(one)) }).toEqual({
      blocks,
      name,
      found: [],
    })
  }
})

test('outputs, names and errors ping nobody at all, and a MESSAGE whom it names', async () => {
  const random = seeded(9)
  for (let n = 0; n < CASES / 3; n++) {
    const mention = encoded('@bob', random)
    const blocks = PLACES.slice(1).map((place) => place(pick(SURROUNDINGS, random)(mention)))
    const name = pick(SURROUNDINGS, random)(mention)
    const found = (await messages(blocks, name)).flatMap(mentioned)
    expect({ blocks, name, found: found.filter((one) => one === '@bob') }).toEqual({
      blocks,
      name,
      found: [],
    })
    expect(
      (await messages([{ type: 'message', text: `hi ${mention}` }], 'a')).flatMap(mentioned),
    ).toContain('@bob')
  }
})

test.each([
  '@&#97;ll',
  '@&#x61;ll',
  '@a&#108;l',
  '&#64;all',
  '&commat;all',
  '&#x40;here',
  '**@all**',
])('the chat of these tests reads %j as a mention, as the real one does', (text) => {
  expect(mentioned(text).some((one) => EVERYBODY.includes(one))).toBe(true)
})

test.each(['@\u200ball', '@al\\l', '`@all`', '@a**l**l', '```\n@all\n```', '    @all'])(
  'and %j as none',
  (text) => {
    expect(mentioned(text).some((one) => EVERYBODY.includes(one))).toBe(false)
  },
)
