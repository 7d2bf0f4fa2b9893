// How far an edit at Mattermost has come: the post's messages and what they show, stored before
// each next step.
import { z } from 'zod'
import type { Checkpoint, Delivered, Edit } from '../chat.ts'
import { Pending, permalink } from './messages.ts'
import type { SiteFacts } from './site.ts'

const EditStep = z.object({
  /** Messages with the post's text, in order; `shows` is the hash of the text, '' if not known. */
  texts: z.array(z.object({ id: z.string(), files: z.boolean(), shows: z.string() })),
  /** Messages with files alone: hashes of what they show, none if not known. */
  replies: z.array(z.object({ id: z.string(), hashes: z.array(z.string()) })),
  /** Hash of a file -> id of its upload, until a reply shows it. */
  uploads: z.record(z.string(), z.string()),
  /** Hash of a file -> why Mattermost refused it. */
  refused: z.record(z.string(), z.string()),
  /** Messages sent by edits so far: each has a mark of its own. */
  sent: z.number(),
  pending: Pending.optional(),
  /** Hashes of the files of the message on its way; '' of a text. */
  plan: z.string(),
  root: z.string(),
  /** The first message was deleted, and with it the files of the first delivery. */
  filesGone: z.boolean(),
})
export type EditStep = z.infer<typeof EditStep>

export function readStep(checkpoint: Checkpoint, { delivered }: Edit): EditStep {
  const stored = checkpoint.read()
  if (stored) return EditStep.parse(stored)
  const texts = delivered.messages.filter(({ text }) => text)
  const replies = delivered.messages.filter(({ text }) => !text)
  const first = texts[0]?.id ?? ''
  return {
    texts: texts.map(({ id, files }) => ({ id, files, shows: '' })),
    replies: replies.map(({ id }) => ({ id, hashes: [] })),
    uploads: {},
    refused: {},
    sent: 0,
    plan: '',
    filesGone: false,
    // A post that is no reply is the root of what is added to it.
    root: delivered.thread === first ? '' : delivered.thread,
  }
}

export function deliveredAs(
  { texts, replies, root }: EditStep,
  site: SiteFacts,
  leftOut: string[],
): Delivered {
  const first = texts[0]?.id ?? ''
  return {
    messages: [
      ...texts.map(({ id, files }) => ({ id, text: true, files })),
      ...replies.map(({ id }) => ({ id, text: false, files: true })),
    ],
    url: permalink(site, first),
    thread: root === '' ? first : root,
    leftOut,
  }
}
