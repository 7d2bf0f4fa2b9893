// One line that tells what became of a post. Shown by magics, by the CLI, and by a handle that is a
// cell's value.
import { noticeText } from '../contract/notices.ts'
import type { StoredPost } from '../contract/schema.ts'

export type Receipt =
  | { kind: 'accepted'; posts: StoredPost[]; notices: string[] }
  /** The relay is away: the post is in the spool and will be sent later, once. */
  | { kind: 'spooled'; targets: string[]; reason: string; notices: string[] }

export interface ReceiptText {
  text: string
  markdown: string
}

/**
 * `Posted to your inbox · http://...`, one line for each target.
 *
 * @param captured - What was posted if the person wrote no message: `Out of In [3]`.
 */
export function receiptText(receipt: Receipt, captured?: string): ReceiptText {
  const what = captured === undefined ? '' : ` ${captured}`
  if (receipt.kind === 'spooled') {
    const line = noticeText('spooled', {
      what: what === '' ? '' : `${what},`,
      reason: receipt.reason,
      targets: receipt.targets.join(', '),
    })
    const markdown = noticeText('warning', { line: escapeMarkdown(line) })
    return withNotices([{ text: line, markdown }], receipt.notices)
  }
  const lines = receipt.posts.flatMap((post) => {
    const notices = post.notices.map((notice) => ({
      text: notice,
      markdown: escapeMarkdown(notice),
    }))
    return [storedLine(post, what), ...notices]
  })
  return withNotices(lines, receipt.notices)
}

function storedLine({ status, destination, error, url }: StoredPost, what: string): ReceiptText {
  return linkedLine(storedWords(status, { what, destination }, error), url)
}

function storedWords(
  status: StoredPost['status'],
  where: { what: string; destination: string },
  error: string | undefined,
): string {
  if (status === 'dead')
    return error === undefined
      ? noticeText('dead', where)
      : noticeText('deadWhy', { ...where, error })
  if (status === 'delivered' || error === undefined) return noticeText('posted', where)
  return noticeText('notDelivered', { ...where, error })
}

/** Adds the permalink, if there is one. */
export function linkedLine(line: string, url: string | undefined): ReceiptText {
  if (url === undefined) return { text: line, markdown: escapeMarkdown(line) }
  return {
    text: noticeText('linked', { line, url }),
    markdown: noticeText('open', { line: escapeMarkdown(line), url }),
  }
}

/** Adds each notice as a line of its own. */
export function withNotices(lines: ReceiptText[], notices: readonly string[]): ReceiptText {
  const all = [...lines, ...notices.map((text) => ({ text, markdown: escapeMarkdown(text) }))]
  return {
    text: all.map((line) => line.text).join('\n'),
    markdown: all.map((line) => line.markdown).join('  \n'),
  }
}

/** Tells how many posts were sent that had waited for their relay. */
export function sentLines(count: number): string[] {
  if (count === 0) return []
  return [count === 1 ? noticeText('sentOne') : noticeText('sent', { count })]
}

/** Names come from outside, so they must not act as markup. */
function escapeMarkdown(text: string): string {
  return text.replaceAll(/[\\`*_{}[\]()<>#|~$&]/g, '\\$&')
}
