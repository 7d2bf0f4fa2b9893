// The page's side of the relay's API: the newest posts once, then each change as it comes.

export interface Post {
  id: string
  destination: string
  service: string
  status: string
  acceptedAt: string
  /** Made by the relay from escaped parts; the only HTML that the page inserts. */
  html: string
}

export interface Feed {
  posts: Post[]
  cursor: string
}

/** What the relay says when it refuses, in its own words. */
export class Refusal extends Error {
  readonly status: number
  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}

const MOST_SHOWN = 200

/** @throws {Refusal} if the relay answers, but not with posts. */
export async function newest(): Promise<Feed> {
  const response = await fetch(`api/v1/posts?limit=${MOST_SHOWN}&html=1`)
  const body: unknown = await response.json().catch(() => undefined)
  if (response.ok && isRecord(body) && Array.isArray(body.posts) && typeof body.cursor === 'string')
    return { posts: body.posts.filter(isPost), cursor: body.cursor }
  const said = isRecord(body) && typeof body.detail === 'string' ? body.detail : ''
  throw new Refusal(response.status, said)
}

/** Says something to a post. @throws {Refusal} if the relay answers, but does not take it. */
export async function say(post: string, text: string): Promise<void> {
  const response = await fetch(`api/v1/posts/${encodeURIComponent(post)}/replies`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ text }),
  })
  if (response.ok) return
  const body: unknown = await response.json().catch(() => undefined)
  const said = isRecord(body) && typeof body.detail === 'string' ? body.detail : ''
  throw new Refusal(response.status, said)
}

export interface Listener {
  post(post: Post): void
  gone(id: string): void
  /** `refused`: the relay ended the stream for good. */
  state(state: 'live' | 'waiting' | 'refused'): void
}

/** Follows what happens after `cursor`. The browser itself connects again and says where it was (`Last-Event-ID`). */
export function follow(cursor: string, listener: Listener): void {
  const source = new EventSource(`api/v1/events?since=${encodeURIComponent(cursor)}&html=1`)
  source.addEventListener('open', () => listener.state('live'))
  source.addEventListener('error', () =>
    listener.state(source.readyState === EventSource.CLOSED ? 'refused' : 'waiting'),
  )
  source.addEventListener('post', (event: MessageEvent<string>) => {
    const post: unknown = JSON.parse(event.data)
    if (isPost(post)) listener.post(post)
  })
  source.addEventListener('gone', (event: MessageEvent<string>) => {
    const gone: unknown = JSON.parse(event.data)
    if (isRecord(gone) && typeof gone.id === 'string') listener.gone(gone.id)
  })
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}

function isPost(value: unknown): value is Post {
  return (
    isRecord(value) &&
    ['id', 'destination', 'service', 'status', 'acceptedAt', 'html'].every(
      (key) => typeof value[key] === 'string',
    )
  )
}
