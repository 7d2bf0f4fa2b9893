// The inbox page: loads the newest posts, follows what comes, says in the title how many were not seen.
import { hearForms } from './answers.ts'
import { ChannelList } from './channels.ts'
import { channelOf, PostList } from './posts.ts'
import { follow, newest, Refusal } from './relay.ts'
import type { Post } from './relay.ts'
import { showTimes } from './times.ts'

/** Farther down than this somebody is reading: new posts wait above, and a button tells of them. */
const AT_TOP = 60
const TITLE = document.title

const posts = new PostList(element('posts'))
const channels = new ChannelList(element('channels'), (channel) => {
  posts.filter(channel)
  window.scrollTo({ top: 0 })
  seen()
})
const fresh = element('fresh')

function element(id: string): HTMLElement {
  const found = document.getElementById(id)
  if (!found) throw new Error(`The page has no #${id}`)
  return found
}

function isWatched(): boolean {
  return document.visibilityState === 'visible' && document.hasFocus() && window.scrollY < AT_TOP
}

function seen(): void {
  channels.markSeen()
  tellUnread()
}

function tellUnread(): void {
  const { unread } = channels
  document.title = unread === 0 ? TITLE : `(${unread}) ${TITLE}`
  fresh.hidden = unread === 0 || window.scrollY < AT_TOP
  fresh.textContent = unread === 1 ? '1 new post' : `${unread} new posts`
}

function show(post: Post): 'added' | 'changed' {
  channels.add(channelOf(post))
  const result = posts.put(post)
  element('empty').hidden = posts.size > 0
  return result
}

function arrive(post: Post): void {
  if (show(post) === 'changed') return
  document.getElementById(post.id)?.classList.add('new')
  if (isWatched()) return
  channels.addUnread(channelOf(post))
  tellUnread()
}

const STATES = { live: 'live', waiting: 'connecting again', refused: 'closed' }

function tellState(state: keyof typeof STATES): void {
  const shown = element('connection')
  shown.textContent = STATES[state]
  shown.dataset.state = state
}

function tellProblem(title: string, text: string): void {
  const problem = element('problem')
  const [heading, line] = [problem.querySelector('h2'), problem.querySelector('p')]
  if (heading) heading.textContent = title
  if (line) line.textContent = text
  problem.hidden = false
  tellState('refused')
}

async function start(): Promise<void> {
  try {
    const feed = await newest()
    for (const post of feed.posts) show(post)
    element('empty').hidden = posts.size > 0
    if (location.hash !== '') goToHash()
    follow(feed.cursor, {
      post: arrive,
      gone: (id) => posts.remove(id),
      state(state) {
        tellState(state)
        if (state === 'refused')
          tellProblem('The relay closed the stream', 'Reload the page to try again.')
      },
    })
  } catch (error) {
    if (!(error instanceof Refusal))
      tellProblem('The relay does not answer', 'Start it again, then reload this page.')
    else if (error.status === 403) tellProblem('Open this page by its link', error.message)
    else tellProblem(`The relay answered ${error.status}`, error.message)
  }
}

function goToHash(): void {
  const target = document.getElementById(decodeURIComponent(location.hash.slice(1)))
  target?.scrollIntoView({ block: 'start' })
  target?.focus({ preventScroll: true })
}

/** `j` and `k` go to the next and the previous post, as in many readers. */
function step(event: KeyboardEvent): void {
  if (event.ctrlKey || event.metaKey || event.altKey || !'jk'.includes(event.key)) return
  if (event.target instanceof HTMLTextAreaElement) return
  const shown = [...document.querySelectorAll<HTMLElement>('article:not([hidden])')]
  const current = shown.findIndex((article) => article.contains(document.activeElement))
  const next = shown[event.key === 'j' ? current + 1 : Math.max(0, current - 1)]
  next?.focus({ preventScroll: true })
  next?.scrollIntoView({ block: 'start' })
}

fresh.addEventListener('click', () => {
  window.scrollTo({ top: 0 })
  seen()
})
for (const event of ['focus', 'scroll'])
  window.addEventListener(event, () => (isWatched() ? seen() : tellUnread()), { passive: true })
window.addEventListener('hashchange', goToHash)
document.addEventListener('keydown', step)
hearForms(element('posts'))
setInterval(() => showTimes(document), 30_000)
void start()
