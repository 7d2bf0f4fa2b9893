// A person at the inbox while the examples run: answers their questions, and says `status` and
// `stop` to the watched cell.
import { readInbox } from '../../../start/relay.ts'
import type { Relay } from '../../../start/relay.ts'
import type { ReadPost } from '../../../post/contract/schema.ts'
import { authorized, events } from '../../../service/test/helpers/relay.ts'

/** Answers to the questions, which are found by these words. */
const ANSWERS: ReadonlyArray<[question: string, answer: string]> = [
  ['learning rate of', '1'],
  ['Which learning rate', '0.2'],
  ['Which optimizer', 'SGD'],
  ['How many epochs', '2'],
  ['Another round', 'yes'],
]

/** Words for a watched cell: the second once the first is answered. */
const WORDS = ['status', 'stop'] as const

/** What is left to say to the posts as they are, each thing once. */
type Talk = (posts: readonly ReadPost[]) => Array<[post: ReadPost, text: string]>

/**
 * Says everything, each thing at its time; ends with the last one, or with the relay.
 *
 * @param limit - ms in which the notebooks have run.
 */
export async function bePerson(relay: Relay, limit: number): Promise<void> {
  const talks = [answers(), watching('watch.ipynb')]
  let left = ANSWERS.length + WORDS.length
  for await (const _ of events(relay, '0', limit)) {
    const posts = await readInbox(relay)
    for (const [post, text] of talks.flatMap((talk) => talk(posts))) {
      await say(relay, post, text)
      left -= 1
    }
    if (left === 0) return
  }
}

function answers(): Talk {
  const left = new Map(ANSWERS)
  return (posts) =>
    posts.flatMap((post): ReturnType<Talk> => {
      if (post.question?.answer.state !== 'open' || post.status !== 'delivered') return []
      const text = JSON.stringify(post.blocks)
      const [words, answer] = [...left].find(([one]) => text.includes(one)) ?? []
      if (words === undefined || answer === undefined) return []
      left.delete(words)
      return [[post, answer]]
    })
}

function watching(notebook: string): Talk {
  const said = new Set<string>()
  return (posts) => {
    const live = posts.find(({ source, watched }) => source.notebook === notebook && watched)
    if (live === undefined) return []
    const isAnswered = posts.some(
      ({ id, thread, status }) =>
        id !== live.id && thread === live.thread && status === 'delivered',
    )
    const word = WORDS[isAnswered ? 1 : 0]
    if (said.has(word)) return []
    said.add(word)
    return [[live, word]]
  }
}

async function say(relay: Relay, { id }: ReadPost, text: string): Promise<void> {
  const answer = await fetch(new URL(`api/v1/posts/${id}/replies`, relay.url), {
    method: 'POST',
    headers: { ...authorized(relay.token), 'content-type': 'application/json' },
    body: JSON.stringify({ text }),
  })
  if (!answer.ok) throw new Error(`the relay answered ${answer.status}: ${await answer.text()}`)
}
