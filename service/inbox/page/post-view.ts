// One post as elements, for the inside of its `<article>`. All its content comes from other
// people's cells: it becomes text, or elements that this page makes.
import type { ReadPost } from '../../../post/contract/schema.ts'
import { headingParts } from '../../render/header.ts'
import { Allowance } from './allowance.ts'
import { blockView } from './block-view.ts'
import type { Drawing } from './block-view.ts'
import { make, makeLater } from './dom.ts'
import type { Child } from './dom.ts'
import type { Files } from './files.ts'
import { repliesView, commandsView } from './form-view.ts'

/** Parts shown at once. */
const MOST_PARTS = 300

export function postView(post: ReadPost, files: Files): HTMLElement[] {
  const drawing: Drawing = { post, files, allowance: new Allowance() }
  const state = post.question?.answer.state ?? 'open'
  // Once a question is over, the last line says how it ended.
  const body = make('div', {
    class: 'body',
    'data-question': state === 'open' ? undefined : state,
  })
  addParts(body, partsOf(drawing))
  return [headerView(post), body, ...repliesView(post), ...commandsView(post), ...footerView(post)]
}

/** Its blocks, then the files that no block names. Each is made when it is shown. */
function partsOf(drawing: Drawing): (() => Child[])[] {
  const { post, files } = drawing
  const named = new Set(post.blocks.flatMap((block) => ('file' in block ? [block.file] : [])))
  const others = post.files.map((_, index) => index).filter((index) => !named.has(index))
  return [
    ...post.blocks.map((block) => () => blockView(block, drawing)),
    ...others.map(
      (index) => () => [files.view(post, index, '')].filter((view) => view !== undefined),
    ),
  ]
}

function addParts(body: HTMLElement, parts: (() => Child[])[]): void {
  for (const part of parts.slice(0, MOST_PARTS)) body.append(...part())
  const rest = parts.slice(MOST_PARTS)
  if (rest.length === 0) return
  const show = makeLater(`… ${rest.length} more parts`, () => '')
  show.addEventListener('click', () => addParts(body, rest))
  body.append(show)
}

function headerView(post: ReadPost): HTMLElement {
  const [who, ...rest] = headingParts({ who: post.from, source: post.source })
  const parts = rest.flatMap(({ kind, text }) => {
    const badge = kind === 'status' ? ` badge ${text}` : ''
    return [make('span', { class: `${kind}${badge}` }, text), ' ']
  })
  const name = make('h2', { id: `who-${post.id}` }, who?.text ?? '')
  return make(
    'header',
    {},
    make('span', { class: 'avatar', 'aria-hidden': 'true' }, initial(post.from)),
    name,
    make('p', { class: 'to' }, post.destination),
    make('p', { class: 'source' }, ...parts),
    make(
      'a',
      { class: 'when', href: `#${encodeURIComponent(post.id)}` },
      make('time', { datetime: post.acceptedAt }),
    ),
  )
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

function footerView(post: ReadPost): HTMLElement[] {
  const notices = [...(post.error === undefined ? [] : [post.error]), ...post.notices]
  // For the inbox's own posts, only trouble is news.
  const isQuiet = post.service === 'inbox' && post.status === 'delivered'
  if (isQuiet && notices.length === 0) return []
  const footer = make('footer')
  if (!isQuiet) footer.append(make('span', { class: `state ${post.status}` }, STATES[post.status]))
  for (const text of notices) footer.append(' ', make('span', { class: 'note' }, text))
  if (post.url !== undefined && isWeb(post.url) && post.service !== 'inbox') {
    const outside = { href: post.url, target: '_blank', rel: 'noopener noreferrer' }
    footer.append(' ', make('a', outside, 'open'))
  }
  return [footer]
}

function isWeb(url: string): boolean {
  return URL.canParse(url) && ['http:', 'https:'].includes(new URL(url).protocol)
}
