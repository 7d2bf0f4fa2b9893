// The inbox page: loads the newest posts, follows changes, shows the number of unseen posts in the
// title.
import { readFragment } from '../../../post/contract/page-access.ts'
import type { ReadPost } from '../../../post/contract/schema.ts'
import { hearForms } from './answers.ts'
import { ChannelList } from './channels.ts'
import { Connection } from './connection.ts'
import { Files } from './files.ts'
import { LinkedPost } from './linked-post.ts'
import { Notices } from './notices.ts'
import { channelOf, PostList } from './posts.ts'
import { RelayApi } from './relay.ts'
import { nextSlice } from './slices.ts'
import { showTimes } from './times.ts'

/** Below this somebody is reading: new posts wait above, and a button announces them. */
const AT_TOP = 60
const TITLE = document.title

const api = new RelayApi()
const files = new Files((path, tag) => api.file(path, tag))
const posts = new PostList(element('posts'), files)
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

function isLookedAt(): boolean {
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

function show(post: ReadPost): 'added' | 'changed' {
  channels.add(channelOf(post))
  const result = posts.put(post)
  element('empty').hidden = posts.size > 0
  return result
}

function arrive(post: ReadPost): void {
  if (show(post) === 'changed') return
  document.getElementById(post.id)?.classList.add('new')
  if (isLookedAt()) return
  channels.addUnread(channelOf(post))
  tellUnread()
}

/** Posts drawn before the browser gets a turn. */
const AT_ONCE = 5

const notices = new Notices()
const linked = new LinkedPost(element('missing'), (id) => api.post(id), show)

const connection = new Connection(api, {
  async feed({ posts: newest }) {
    // The newest first, since people look at them first.
    for (const [n, post] of newest.toReversed().entries()) {
      show(post)
      if (n % AT_ONCE === AT_ONCE - 1) await nextSlice()
    }
    element('empty').hidden = posts.size > 0
    await linked.open(target)
  },
  change(change) {
    if (change.kind === 'post') arrive(change.post)
    else posts.remove(change.id)
  },
  state: (state, why) => notices.show(state, why),
})

/** The post named in the address; '' if there is none. */
let target = ''

/** A code lets the browser in once: it is removed from the address, which people copy. */
function readAddress(): void {
  const { post, code } = readFragment(location.hash)
  target = post ?? ''
  if (code !== undefined) {
    const shown = post === undefined ? '' : `#${encodeURIComponent(post)}`
    history.replaceState(null, '', `${location.pathname}${shown}`)
    connection.useCode(code)
  }
  if (connection.isSignedIn) void linked.open(target)
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
  window.addEventListener(event, () => (isLookedAt() ? seen() : tellUnread()), { passive: true })
window.addEventListener('hashchange', readAddress)
document.addEventListener('keydown', step)
hearForms(element('posts'), (post, text) => api.say(post, text))
setInterval(() => showTimes(document), 30_000)
readAddress()
void connection.run()
