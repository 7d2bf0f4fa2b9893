// Posts and messages as text for a reader: complete, but long texts by their ends and a hash,
// pictures by type and size, and what differs between runs (times, ids, folders, the person) by
// fixed names.
import { createHash } from 'node:crypto'
import sharp from 'sharp'
import type { Block, Source } from '../../../post/contract/schema.ts'
import type { Became, InChat, InInbox } from './site.ts'
import type { Recorded } from './recorder.ts'

/** Texts up to this length are written in full. */
const MOST = 6000
const ENDS = 1500

export interface Run {
  /** Folder in which the cells run. */
  folder: string
  user: string
}

/** By the ending of the file's name. */
export type Golden = Record<'post.json' | 'inbox.txt' | 'mattermost.txt', string>

/** The three golden files of one fixture. */
export async function goldenOf(became: Became, run: Run): Promise<Golden> {
  const sent = await Promise.all(became.sent.map(postOf))
  const inbox = await Promise.all(became.inbox.map(inboxOf))
  const chat = await Promise.all(became.chat.map(messageOf))
  return {
    'post.json': normalised(`${JSON.stringify(sent, null, 2)}\n`, run),
    'inbox.txt': normalised(joined(inbox), run),
    'mattermost.txt': normalised(joined(chat), run),
  }
}

function joined(parts: string[]): string {
  return `${parts.length === 0 ? 'nothing' : parts.join('\n\n')}\n`
}

/** Only here are differences forgiven. */
function normalised(text: string, { folder, user }: Run): string {
  return (
    text
      .replaceAll(folder, '/home/alice')
      .replaceAll(`**${user}**`, '**alice**')
      .replaceAll(`from ${user} `, 'from alice ')
      .replaceAll(`@${user}`, '@alice')
      .replaceAll(COUNT, uncounted)
      .replaceAll(/"executionCount": \d+/g, '"executionCount": "n"')
      // A cell that took a second on a slow machine shows its time.
      .replaceAll(/(,\n\s*)"durationMs": [\d.]+(?=[,\n])/g, '')
      .replaceAll(/^(\*\*alice\*\*.*?)(?: · \d+ (?:s|min))(?: \d+ s)?$/gm, '$1')
      .replaceAll(/No output \(\d+(?:\.\d+)? s\)/g, 'No output (n s)')
      .replaceAll(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, 'uuid')
  )
}

async function postOf({ post, changes }: Recorded): Promise<object> {
  const last = changes.at(-1)
  return {
    targets: post.targets,
    ...(post.thread === undefined ? {} : { thread: post.thread }),
    ...(post.mask === undefined ? {} : { mask: post.mask }),
    ...(await contentOf(post)),
    // The number of states in between depends on the machine.
    ...(last === undefined ? {} : { 'last change': await contentOf(last) }),
  }
}

async function contentOf(content: Recorded['changes'][number]): Promise<object> {
  return {
    source: content.source,
    blocks: content.blocks.map(shortBlock),
    files: await Promise.all(content.files.map(fileLine)),
  }
}

function shortBlock(block: Block): unknown {
  if (block.type === 'table' && block.rows.length > 20) {
    const text = JSON.stringify(block.rows)
    return {
      ...block,
      rows: [...block.rows.slice(0, 3), `… ${block.rows.length} rows, ${hash(text)}`],
    }
  }
  return Object.fromEntries(
    Object.entries(block).map(([key, value]) => [
      key,
      typeof value === 'string' ? short(value) : value,
    ]),
  )
}

async function inboxOf({ post, files }: InInbox): Promise<string> {
  const lines = [
    `=== from ${post.from} to ${post.destination}, ${sourceText(post.source)}${post.thread === undefined || post.thread === post.id ? '' : ', in a thread'}`,
  ]
  for (const block of post.blocks) lines.push(blockText(block))
  if (files.length > 0) lines.push('--- files', ...(await Promise.all(files.map(fileLine))))
  return lines.join('\n')
}

function sourceText({ notebook, executionCount, status }: Source): string {
  return [notebook, executionCount === undefined ? undefined : `In [${executionCount}]`, status]
    .filter((part) => part !== undefined)
    .join(' · ')
}

function blockText(block: Block): string {
  switch (block.type) {
    case 'table': {
      const rows = [block.columns, ...block.rows].map((cells) => cells.join(' | '))
      return `--- table ${block.columns.length} × ${block.rows.length}\n${short(rows.join('\n'))}`
    }
    case 'html':
      return `--- html\n${short(block.html)}\n--- its text\n${short(block.text)}`
    case 'error':
      return `--- error ${block.name}: ${block.message}\n${short(block.traceback)}`
    case 'image':
      return `--- image: file ${block.file}${block.alt === undefined ? '' : `, ${JSON.stringify(short(block.alt))}`}`
    case 'file':
      return `--- file ${block.file}`
    case 'choices':
      return `--- choices ${block.choices.join(', ')}`
    case 'text':
      return `--- text${block.stream === undefined ? '' : ` ${block.stream}`}\n${short(block.text)}`
    case 'code':
      return `--- code ${block.language}\n${short(block.text)}`
    case 'message':
    case 'markdown':
    case 'latex':
    case 'notice':
      return `--- ${block.type}\n${short(block.text)}`
  }
}

async function messageOf({ message, files, thread }: InChat, index: number): Promise<string> {
  const place = thread === undefined ? '' : `, in the thread of message ${thread}`
  const lines = [`=== message ${index + 1}${place}`, short(message.message)]
  const shown = await Promise.all(
    files.map(({ name, bytes }) => fileLine({ name, mimetype: '', bytes })),
  )
  if (shown.length > 0) lines.push('--- files', ...shown)
  return lines.join('\n')
}

/** Pictures by size: how they are drawn and packed depends on the machine. */
async function fileLine(file: {
  name: string
  mimetype: string
  bytes: Uint8Array
}): Promise<string> {
  const { name, mimetype, bytes } = file
  const about = mimetype === '' ? '' : ` ${mimetype}`
  const text = Buffer.from(bytes)
  if (isText(text)) {
    return `${name}${about}, ${bytes.byteLength} bytes of text:\n${short(text.toString()).replaceAll(/^/gm, '    ')}`
  }
  try {
    const { format, width, height, pages } = await sharp(bytes, { animated: true }).metadata()
    const frames = pages === undefined || pages === 1 ? '' : `, ${pages} frames`
    const lines = pages === undefined ? height : height / pages
    return `${name}${about}: ${format} of ${width} × ${lines}${frames}`
  } catch {
    // sharp: unsupported image format.
    return `${name}${about}, ${bytes.byteLength} bytes`
  }
}

function isText(bytes: Uint8Array): boolean {
  if (bytes.some((byte) => byte < 9)) return false
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes)
    return true
  } catch {
    return false // TypeError: not UTF-8
  }
}

/** Cells may be added before this one. */
const COUNT = /\bIn ?\[\d+\]/g

function uncounted(found: string): string {
  return found.replace(/\d+/, 'n')
}

function short(whole: string): string {
  const text = whole.replaceAll(COUNT, uncounted)
  if (text.length <= MOST) return text
  return `${text.slice(0, ENDS)}\n⟨${text.length} characters in ${text.split('\n').length} lines, ${hash(text)}⟩\n${text.slice(-ENDS)}`
}

function hash(text: string): string {
  return `sha256 ${createHash('sha256').update(text).digest('hex').slice(0, 16)}`
}
