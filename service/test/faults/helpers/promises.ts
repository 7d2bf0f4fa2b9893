// What a 202 promises, checked over all posts of all people: each is in the chat, once, and in
// order.
import type { Arrivals, Sent } from './sender.ts'

/** What is wrong; nothing if the promises were kept. */
export function broken(sent: readonly Sent[], arrivals: Arrivals): string[] {
  const wrong: string[] = []
  const counts = new Map<string, number>()
  const texts = new Map<string, string>()
  const bySent = new Map(sent.map((one) => [one.mark, one]))
  for (const lane of arrivals.lanes().values()) {
    for (const mark of lane.marks) counts.set(mark, (counts.get(mark) ?? 0) + 1)
    for (const [mark, text] of lane.texts) texts.set(mark, text)
    wrong.push(...overtaken(lane.marks.flatMap((mark) => bySent.get(mark) ?? [])))
  }
  for (const { mark, takenAt, changed } of sent) {
    const count = counts.get(mark) ?? 0
    if (takenAt !== undefined && count === 0) wrong.push(`${mark} was accepted and is not there`)
    if (count > 1) wrong.push(`${mark} is there ${count} times`)
    const state = changed ? 'changed' : 'first'
    if (count === 1 && takenAt !== undefined && texts.get(mark)?.includes(state) !== true)
      wrong.push(`${mark} is not shown as ${state}`)
  }
  for (const mark of counts.keys()) if (!bySent.has(mark)) wrong.push(`nobody posted ${mark}`)
  return wrong
}

/**
 * Posts of a lane that are behind one that was sent only after the relay had taken them. Those that
 * were on their way at the same time may be in either order.
 */
function overtaken(lane: readonly Sent[]): string[] {
  let latestSent = { sentAt: -Infinity, mark: '' }
  return lane.flatMap((post) => {
    const wrong =
      post.takenAt !== undefined && post.takenAt < latestSent.sentAt
        ? [`${post.mark} is behind ${latestSent.mark}, which was sent later`]
        : []
    if (post.sentAt > latestSent.sentAt) latestSent = post
    return wrong
  })
}
