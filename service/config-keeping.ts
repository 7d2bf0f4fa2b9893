// The parts `outbox` and `inbox` of the file of JUPYTERPOST_CONFIG: what the relay keeps, and how
// long.
import { z } from 'zod'

const DAY_MS = 24 * 60 * 60_000
/** The outbox's content: long enough for somebody who comes back from a holiday to look into it. */
const OUTBOX = { contentDays: 7, days: 90 }
/** A year of everyone's posts. Older ones are still in the notebooks that posted them. */
const INBOX = { keepDays: 365, bytes: 10 * 1024 ** 3 }
/** On a Hub nobody fills more than a tenth of the inbox. On one's own machine there is only one. */
const SHARE = { local: 1, hub: 0.1 }

const days = (least: number) => z.int().min(least).max(36_500).exactOptional()

export const OutboxEntry = z.strictObject({
  /** Days after its delivery, the text and files of a post are deleted. */
  contentDays: days(1),
  /** Days after it came, a post is forgotten. Keys of requests are known for 30 days. */
  days: days(31),
})

export const InboxEntry = z.strictObject({
  keepDays: days(1),
  bytes: z.int().positive().exactOptional(),
  bytesPerPerson: z.int().positive().exactOptional(),
})

export interface Kept {
  /** Milliseconds that the text and files of a delivered post are kept, and the post itself. */
  outbox: { contentMs: number; postMs: number }
  /** How long the inbox keeps messages, in ms, and how many bytes of texts and files. */
  inbox: { keepMs: number; bytes: number; bytesPerPerson: number }
}

export function keptOf(
  file: { outbox?: z.infer<typeof OutboxEntry>; inbox?: z.infer<typeof InboxEntry> },
  mode: 'local' | 'hub',
): Kept {
  const outbox = { ...OUTBOX, ...file.outbox }
  const inbox = { ...INBOX, ...file.inbox }
  const { bytesPerPerson = Math.floor(inbox.bytes * SHARE[mode]) } = inbox
  return {
    outbox: { contentMs: outbox.contentDays * DAY_MS, postMs: outbox.days * DAY_MS },
    inbox: { keepMs: inbox.keepDays * DAY_MS, bytes: inbox.bytes, bytesPerPerson },
  }
}
