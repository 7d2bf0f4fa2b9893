// How `post()` works outside a notebook: the program itself talks HTTP to the relay.
import type { AskTransport } from './ask.ts'
import { askAndWait } from './asking.ts'
import type { AskPoster } from './asking.ts'
import { typed } from './file-types.ts'
import { LivePost } from '../relay/live-post.ts'
import type { LiveTransport } from '../relay/live-post.ts'
import type { PostTransport } from './post.ts'
import type { RelayPoster } from '../relay/poster.ts'
import type { SinkOf } from './progress.ts'
import { progressContent } from './progress-state.ts'

type Poster = Pick<RelayPoster, 'post' | 'status' | 'change' | 'remove'>

export function httpTransport(poster: Poster): PostTransport {
  return {
    post: async (post) => poster.post(await typed(post)),
    status: (id) => poster.status(id),
    change: async (id, content) => poster.change(id, await typed(content)),
    remove: (id) => poster.remove(id),
  }
}

/** `post.ask()` outside a notebook. */
export function httpQuestions(poster: AskPoster): AskTransport {
  return { ask: async (post, signal) => askAndWait(poster, await typed(post), { signal }) }
}

/** If a program ends without `done`, the post keeps the last state that was sent. */
export function httpSink(transport: LiveTransport): SinkOf {
  return (address, receipt) => {
    const ids = receipt.kind === 'accepted' ? receipt.posts.map(({ id }) => id) : []
    const live = new LivePost(transport, address, ids)
    return {
      report: (state) => live.show(() => progressContent(state)),
      finish: (state) => live.finish(() => progressContent(state)),
    }
  }
}
