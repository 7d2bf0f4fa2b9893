// One post as HTML for the inbox page. Everything in it comes from other people's cells: each value is escaped here or printed by
// markdown-html, and nothing else may write HTML.
import { choicesText } from '../../post/question.ts'
import { SHOWN_IMAGES } from '../../post/schema.ts'
import type { Block, ReadPost } from '../../post/schema.ts'
import { headingParts } from '../render/header.ts'
import { htmlPieces } from '../render/html.ts'
import { bareTex } from '../render/markdown.ts'
import { printPiece } from '../render/pieces.ts'
import { answerHtml, isOpen, repliesHtml, watchHtml } from './answer-html.ts'
import { escapeHtml } from './escape-html.ts'
import { codeHtml, documentHtml, messageHtml } from './markdown-html.ts'
import { texHtml } from './tex.ts'

/** A page with more cells than this scrolls badly; the rest is named. */
const MOST_CELLS = 20_000

/** What the page is told of a post beside its data. */
export interface PostWithHtml extends ReadPost {
  /** Inside of the `<article>`. */
  html: string
}

export function withHtml(post: ReadPost): PostWithHtml {
  return { ...post, html: postHtml(post) }
}

export function postHtml(post: ReadPost): string {
  const named = new Set(post.blocks.flatMap((block) => ('file' in block ? [block.file] : [])))
  const others = post.files.map((_, index) => index).filter((index) => !named.has(index))
  return [
    headerHtml(post),
    `<div class="body"${endOf(post)}>`,
    ...post.blocks.map((block) => blockHtml(block, post)),
    ...others.map((index) => fileHtml(post, index, '')),
    '</div>',
    repliesHtml(post),
    watchHtml(post),
    footerHtml(post),
  ].join('\n')
}

/** Of a question that is over: its last line says how. */
function endOf({ question }: ReadPost): string {
  const state = question?.answer.state ?? 'open'
  return state === 'open' ? '' : ` data-question="${state}"`
}

function headerHtml(post: ReadPost): string {
  const [who, ...rest] = headingParts({ who: post.from, source: post.source })
  const parts = rest.map(({ kind, text }) => {
    const badge = kind === 'status' ? ` badge ${text}` : ''
    return `<span class="${kind}${badge}">${escapeHtml(text)}</span>`
  })
  return `<header><span class="avatar" aria-hidden="true">${escapeHtml(initial(post.from))}</span>
<h2>${escapeHtml(who?.text ?? '')}</h2><p class="source">${parts.join(' ')}</p>
<a class="when" href="#${escapeHtml(encodeURIComponent(post.id))}"><time datetime="${escapeHtml(post.acceptedAt)}"></time></a></header>`
}

function initial(name: string): string {
  return (Array.from(name)[0] ?? '?').toUpperCase()
}

const STATES: Record<ReadPost['status'], string> = {
  queued: 'waiting to be sent',
  retrying: 'trying again',
  delivered: 'delivered',
  unknown: 'perhaps delivered',
  dead: 'not delivered',
}

function footerHtml(post: ReadPost): string {
  const state = `<span class="state ${post.status}">${STATES[post.status]}</span>`
  const notices = [...(post.error === undefined ? [] : [post.error]), ...post.notices]
  // Of the inbox's own posts only what went wrong is news.
  const quiet = post.service === 'inbox' && post.status === 'delivered'
  const link =
    post.url !== undefined && /^https?:/i.test(post.url) && post.service !== 'inbox'
      ? `<a href="${escapeHtml(post.url)}" target="_blank" rel="noopener noreferrer">open</a>`
      : ''
  if (quiet && notices.length === 0) return ''
  return `<footer>${quiet ? '' : state} ${notices.map((text) => `<span class="note">${escapeHtml(text)}</span>`).join(' ')} ${link}</footer>`
}

function blockHtml(block: Block, post: ReadPost): string {
  switch (block.type) {
    case 'message':
      return `<div class="message">${messageHtml(block.text)}</div>`
    case 'markdown':
      return `<div class="markdown">${documentHtml(block.text)}</div>`
    case 'text':
      return textHtml(block.text, block.stream ?? 'result')
    case 'code':
      return codeHtml(block.text, block.language)
    case 'latex':
      return `<div class="math" tabindex="0">${texHtml(bareTex(block.text), true)}</div>`
    case 'table':
      return tableHtml(block)
    case 'html': {
      const pieces = htmlPieces(block.html, { tables: true }).map(printPiece)
      if (pieces.length === 0) return textHtml(block.text, 'result')
      return `<div class="markdown">${documentHtml(pieces.join('\n\n'))}</div>`
    }
    case 'error':
      return errorHtml(block)
    case 'image':
      return fileHtml(post, block.file, block.alt ?? '')
    case 'file':
      return fileHtml(post, block.file, '')
    case 'choices':
      if (isOpen(post)) return answerHtml(block)
      return `<p class="notice choices">${escapeHtml(choicesText(block))}</p>`
    case 'notice':
      return `<p class="notice">${escapeHtml(block.text)}</p>`
  }
}

function textHtml(text: string, stream: string): string {
  if (text.trim() === '') return ''
  return `<pre class="${stream}" tabindex="0">${escapeHtml(text.replace(/\n$/, ''))}</pre>`
}

function errorHtml({ name, message, traceback }: Extract<Block, { type: 'error' }>): string {
  const title = message === '' ? name : `${name}: ${message}`
  // The title is shown already; the rest keeps its own indentation.
  const frames = traceback
    .replace(title, '')
    .replace(/^(?:[ \t]*\n)+/, '')
    .trimEnd()
  return `<div class="error"><p><strong>${escapeHtml(name)}</strong> ${escapeHtml(message)}</p>${
    frames === '' ? '' : `<pre tabindex="0">${escapeHtml(frames)}</pre>`
  }</div>`
}

function tableHtml({ columns, rows }: Extract<Block, { type: 'table' }>): string {
  const width = Math.max(1, columns.length)
  const shown = rows.slice(0, Math.ceil(MOST_CELLS / width))
  const numbers = columns.map((_, column) => shown.every((row) => isNumber(row[column] ?? '')))
  const right = (column: number) => (numbers[column] ? ' class="number"' : '')
  const head = columns
    .map((text, column) => `<th scope="col"${right(column)}>${escapeHtml(text)}</th>`)
    .join('')
  const body = shown
    .map((row) => {
      const cells = row.map((text, column) => `<td${right(column)}>${escapeHtml(text)}</td>`)
      return `<tr>${cells.join('')}</tr>`
    })
    .join('\n')
  const rest = rows.length - shown.length
  const note = rest > 0 ? `<p class="notice">${rest} more rows are not shown</p>` : ''
  return `<div class="table" role="region" aria-label="Table" tabindex="0"><table><thead><tr>${head}</tr></thead><tbody>${body}</tbody></table></div>${note}`
}

function isNumber(text: string): boolean {
  return text.trim() !== '' && Number.isFinite(Number(text))
}

function fileHtml(post: ReadPost, index: number, alt: string): string {
  const file = post.files[index]
  if (!file) return ''
  const url = `api/v1/posts/${encodeURIComponent(post.id)}/files/${index}`
  const name = escapeHtml(file.name)
  if (SHOWN_IMAGES.has(file.mimetype))
    return `<figure><a href="${url}" target="_blank" rel="noopener"><img src="${url}" alt="${escapeHtml(alt || file.name)}" loading="lazy"></a></figure>`
  return `<p class="file"><a href="${url}" download="${name}"><span class="name">${name}</span> <span class="size">${size(file.size)}</span></a></p>`
}

function size(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`
  if (bytes < 1_000_000) return `${(bytes / 1000).toFixed(1)} kB`
  return `${(bytes / 1_000_000).toFixed(1)} MB`
}
