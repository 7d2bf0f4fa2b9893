// One line that says what became of a post: shown by magics, by the CLI and by a handle that is a cell's value.
import type { StoredPost } from '../contract/schema.ts'

export type Receipt =
  | { kind: 'accepted'; posts: StoredPost[]; notices: string[] }
  /** The relay is away: the post lies in the spool and is sent later, once. */
  | { kind: 'spooled'; targets: string[]; reason: string; notices: string[] }

export interface ReceiptText {
  text: string
  markdown: string
}

/**
 * `Posted to your inbox · http://...`, one line a target.
 *
 * @param captured - What was posted if the person named nothing: `Out of In [3]`.
 */
export function receiptText(receipt: Receipt, captured?: string): ReceiptText {
  const what = captured === undefined ? '' : ` ${captured}`
  if (receipt.kind === 'spooled') {
    const line = `Not posted yet:${what === '' ? '' : `${what},`} ${receipt.reason}. It is kept and sent to ${receipt.targets.join(', ')} when the relay is back.`
    return withNotices([{ text: line, markdown: `⚠ ${escapeMarkdown(line)}` }], receipt.notices)
  }
  const lines = receipt.posts.flatMap((post) => {
    const where = `${what} to ${post.destination}`
    const notices = post.notices.map((notice) => ({
      text: notice,
      markdown: escapeMarkdown(notice),
    }))
    return [storedLine(post, where), ...notices]
  })
  return withNotices(lines, receipt.notices)
}

function storedLine(post: StoredPost, where: string): ReceiptText {
  const error = post.error === undefined ? '' : `: ${post.error}`
  const line =
    post.status === 'dead'
      ? `Not posted${where}${error}`
      : post.status === 'delivered' || post.error === undefined
        ? `Posted${where}`
        : `Posted${where}, not delivered yet${error}`
  return linkedLine(line, post.url)
}

/** With the permalink, once there is one. */
export function linkedLine(line: string, url: string | undefined): ReceiptText {
  if (url === undefined) return { text: line, markdown: escapeMarkdown(line) }
  return { text: `${line} · ${url}`, markdown: `${escapeMarkdown(line)} · [open](<${url}>)` }
}

/** One line each. */
export function withNotices(lines: ReceiptText[], notices: readonly string[]): ReceiptText {
  const all = [...lines, ...notices.map((text) => ({ text, markdown: escapeMarkdown(text) }))]
  return {
    text: all.map((line) => line.text).join('\n'),
    markdown: all.map((line) => line.markdown).join('  \n'),
  }
}

/** What is said of posts that waited for their relay. */
export function sentLines(count: number): string[] {
  if (count === 0) return []
  return [
    count === 1 ? 'A post that waited was sent now' : `${count} posts that waited were sent now`,
  ]
}

/** Names come from outside: shown as they are, never as markup. */
function escapeMarkdown(text: string): string {
  return text.replaceAll(/[\\`*_{}[\]()<>#|~$&]/g, '\\$&')
}
