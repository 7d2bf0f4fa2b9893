// `npm start -- --demo`: runs the example notebook through a real Jupyter server and shows the
// posts that arrived in the inbox.
import { setTimeout } from 'node:timers/promises'
import sharp from 'sharp'
import { runNotebook } from './notebook.ts'
import { readFile, readInbox } from './relay.ts'
import type { Relay } from './relay.ts'
import type { Jupyter } from './jupyter.ts'
import type { Say } from './run.ts'
import type { Block, ReadPost } from '../post/contract/schema.ts'

/** What the example notebook posts: every kind must arrive. */
const EXPECTED: Record<string, (block: Block) => boolean> = {
  text: (block) => block.type === 'text' || block.type === 'message',
  LaTeX: (block) => block.type === 'latex',
  markdown: (block) => block.type === 'markdown',
  'a PNG': (block) => block.type === 'image',
  'an error': (block) => block.type === 'error',
}

/** @returns whether everything arrived. */
export async function runDemo(
  jupyter: Jupyter,
  relay: Relay,
  notebook: string,
  say: Say,
): Promise<boolean> {
  const before = new Set((await readInbox(relay)).map((post) => post.id))
  // JupyterLab's client logs each socket that it opens.
  console.debug = () => undefined
  say(`\nRunning ${notebook} through ${jupyter.url}`)
  const failed = await runNotebook(jupyter, notebook)
  for (const { cell, error } of failed) say(`Cell ${cell} failed: ${error}`)
  const posts = await settledPosts(relay, before)
  say(`${posts.length} posts arrived in the inbox:`)
  for (const post of posts) await show(post, relay, say)
  const blocks = posts.flatMap((post) => post.blocks)
  const missing = Object.keys(EXPECTED).filter(
    (kind) => !blocks.some(EXPECTED[kind] ?? (() => false)),
  )
  if (missing.length > 0) say(`\nMissing in the inbox: ${missing.join(', ')}`)
  return missing.length === 0 && failed.length === 0
}

/** Pictures are drawn after the relay has accepted their post. */
const SETTLED_MS = 10_000

async function settledPosts(relay: Relay, before: ReadonlySet<string>): Promise<ReadPost[]> {
  const until = performance.now() + SETTLED_MS
  for (;;) {
    const posts = (await readInbox(relay)).filter((post) => !before.has(post.id))
    const isSettled = posts.every(({ status }) => status !== 'queued' && status !== 'retrying')
    if (isSettled || performance.now() > until) return posts
    await setTimeout(100)
  }
}

async function show(post: ReadPost, relay: Relay, say: Say): Promise<void> {
  const place = post.source.notebook === undefined ? '' : ` · ${post.source.notebook}`
  say(`\n${post.target} · ${post.status} · from ${post.from}${place}`)
  for (const block of post.blocks) say(indent(await words(block, post, relay)))
}

const indent = (text: string) => text.trimEnd().replaceAll(/^/gm, '    ')

async function words(block: Block, post: ReadPost, relay: Relay): Promise<string> {
  switch (block.type) {
    case 'image':
    case 'file': {
      const bytes = await readFile(relay, post, block.file)
      const name = post.files[block.file]?.name
      if (block.type === 'file') return `[file] ${name}, ${bytes.length} bytes`
      const { format, width, height } = await sharp(bytes).metadata()
      return `[image] ${name}, ${format} ${width} x ${height}, ${bytes.length} bytes`
    }
    case 'error':
      return `[error] ${block.name}: ${block.message}`
    case 'table':
      return `[table] ${block.columns.join(' | ')}, ${block.rows.length} rows`
    case 'choices':
      return `[choices] ${block.choices.join(' | ')}`
    case 'html':
      return `[html] ${block.text}`
    case 'message':
    case 'markdown':
    case 'text':
    case 'code':
    case 'latex':
    case 'notice':
      return `[${block.type}] ${block.text}`
  }
}
