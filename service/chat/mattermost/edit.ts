// Brings the messages of a delivered post to its newest state: texts in place, additional ones in
// the thread. Mattermost cannot add files to a message, so they become named replies. Each step is
// committed before the next, and each is safe to repeat.
import { createHash } from 'node:crypto'
import { z } from 'zod'
import type { PostFile } from '../../../post/contract/schema.ts'
import { laterLine } from '../../render/header.ts'
import { OVERFLOW_FILE } from '../../render/messages.ts'
import type { RenderedPost } from '../../render/messages.ts'
import type { Checkpoint, Delivered, Edit } from '../chat.ts'
import { filesLine, refusedFile } from './delivery.ts'
import type { DeliveryDeps } from './delivery.ts'
import { changeMessage, deleteMessage, findSent, Pending, permalink, sendOnce } from './messages.ts'
import type { SiteFacts } from './site.ts'

const Step = z.object({
  /** Messages with the post's text, in order; `shows`: the text's hash, '' if unknown. */
  texts: z.array(z.object({ id: z.string(), files: z.boolean(), shows: z.string() })),
  /** Messages with only files: hashes of these, none if unknown. */
  replies: z.array(z.object({ id: z.string(), hashes: z.array(z.string()) })),
  /** Hash of a file -> id of its upload, until a reply shows it. */
  uploads: z.record(z.string(), z.string()),
  /** Hash of a file -> why Mattermost refused it. */
  refused: z.record(z.string(), z.string()),
  /** Number of messages sent by edits so far; each has its own mark. */
  sent: z.number(),
  pending: Pending.optional(),
  /** Hashes of the files of the message on its way; '' for a text. */
  plan: z.string(),
  root: z.string(),
  /** The first message was deleted, and the files of the first delivery with it. */
  filesGone: z.boolean(),
})
type Step = z.infer<typeof Step>

interface NamedFile {
  hash: string
  file: PostFile
}

/** @param channelId - Where to post, already checked. */
export async function editPost(
  { api, signature, print, now }: DeliveryDeps,
  edit: Edit,
  channelId: string,
  site: SiteFacts,
  checkpoint: Checkpoint,
  signal: AbortSignal,
): Promise<Delivered> {
  const room = { api, site, channelId, now, signal }
  let step = readStep(checkpoint, edit)
  const save = async (change: Partial<Step>) => {
    step = { ...step, ...change }
    await checkpoint.write(step)
  }

  const markOf = () => `${edit.id}:e${step.sent}`

  const send = async (text: string, fileIds: string[], plan: string) => {
    const root = step.root === '' ? (step.texts[0]?.id ?? '') : step.root
    const sending = { pending: step.plan === plan ? step.pending : undefined, root }
    return sendOnce(room, { mark: markOf(), text, fileIds }, sending, async (change) => {
      // Forget a root that is gone; the post's own first message is found anew each time.
      await save({ pending: change.pending, plan, ...(change.root === '' && { root: '' }) })
    })
  }

  /** A message whose answer was lost belongs to the post, whatever the post's state is by now. */
  const settle = async () => {
    const lost = step.pending && (await findSent(room, markOf(), step.pending.at))
    if (!lost) return
    const added =
      step.plan === ''
        ? { texts: [...step.texts, { id: lost.id, files: false, shows: '' }] }
        : { replies: [...step.replies, { id: lost.id, hashes: step.plan.split(' ') }] }
    await save({ ...added, sent: step.sent + 1, pending: undefined })
  }

  const showText = async (n: number, text: string): Promise<void> => {
    const shows = hashOf(text)
    const known = step.texts[n]
    if (known?.shows === shows) return
    if (known) {
      const end = await changeMessage(room, known.id, text, `${edit.id}:${n}`)
      if (end === 'changed') await save({ texts: step.texts.with(n, { ...known, shows }) })
      else await move(n, known.id, end)
      if (end !== 'changed') await showText(n, text)
      return
    }
    const isResent = step.pending !== undefined && step.plan === ''
    const post = await send(text, [], '')
    // To a known key the server may answer with the message of an earlier state: write it again.
    const added = { id: post.id, files: false, shows: isResent ? '' : shows }
    await save({ texts: [...step.texts, added], sent: step.sent + 1, pending: undefined })
    if (isResent) await showText(n, text)
  }

  /** Without its first message the whole post moves; any other message is written anew. */
  const move = async (n: number, id: string, end: 'gone' | 'closed') => {
    if (n > 0) return save({ texts: step.texts.toSpliced(n, 1) })
    if (end === 'closed') return save({ texts: [], root: step.root === '' ? id : step.root })
    for (const later of step.texts.slice(1)) await deleteMessage(room, later.id)
    // The root's deletion took its replies with it.
    const replies = step.root === '' ? [] : step.replies
    return save({ texts: [], replies, filesGone: true })
  }

  const showFiles = async (files: readonly NamedFile[]) => {
    const first = step.filesGone ? [] : edit.deliveredFiles
    const shown = new Set([...first, ...step.replies.flatMap(({ hashes }) => hashes)])
    const fresh = files.filter(({ hash }) => !shown.has(hash) && !(hash in step.refused))
    for (const { hash, file } of fresh) {
      if (hash in step.uploads) continue
      try {
        await save({
          uploads: { ...step.uploads, [hash]: await api.upload(channelId, file, signal) },
        })
      } catch (error) {
        const why = refusedFile(error)
        if (why === undefined) throw error
        await save({ refused: { ...step.refused, [hash]: why } })
      }
    }
    const ready = fresh.filter(({ hash }) => hash in step.uploads)
    const { perMessage } = site.capabilities.files
    for (let from = 0; from < ready.length; from += perMessage) {
      const batch = ready.slice(from, from + perMessage)
      const names = batch.map(({ file }) => file.name)
      const ids = batch.map(({ hash }) => step.uploads[hash] ?? '')
      const hashes = batch.map(({ hash }) => hash)
      const post = await send(filesLine(edit.person.name, 'added', names), ids, hashes.join(' '))
      const uploads = Object.entries(step.uploads).filter(([hash]) => !hashes.includes(hash))
      await save({
        replies: [...step.replies, { id: post.id, hashes }],
        uploads: Object.fromEntries(uploads),
        sent: step.sent + 1,
        pending: undefined,
      })
    }
  }

  const rendered = () => {
    const refused = new Map(
      edit.files.flatMap((file, n) => {
        const why = step.refused[hashOf(file.bytes)]
        return why === undefined ? [] : [[n, why] as const]
      }),
    )
    const post = { ...edit, who: edit.person.name, signature, refused }
    return print(post, site.capabilities, signal)
  }
  const filesOf = ({ messages, overflow }: RenderedPost): NamedFile[] =>
    messages
      .flatMap(({ files }) => files)
      .flatMap((n) => (n === OVERFLOW_FILE ? overflow : edit.files[n]) ?? [])
      .map((file) => ({ file, hash: hashOf(file.bytes) }))

  await settle()
  for (;;) {
    const before = Object.keys(step.refused).length
    const post = await rendered()
    const texts = post.messages.filter(({ showsText }) => showsText).map(({ text }) => text)
    for (const [n, text] of texts.entries()) await showText(n, text)
    for (const surplus of step.texts.slice(texts.length).toReversed()) {
      const files = laterLine(edit.person.name, 'files')
      if (surplus.files) await changeMessage(room, surplus.id, files, `${edit.id}:files`)
      else await deleteMessage(room, surplus.id)
      const replies = surplus.files
        ? [...step.replies, { id: surplus.id, hashes: [] }]
        : step.replies
      await save({ texts: step.texts.filter(({ id }) => id !== surplus.id), replies })
    }
    const files = filesOf(post)
    await showFiles(files)
    const wanted = new Set(files.map(({ hash }) => hash))
    for (const { id, hashes } of step.replies) {
      if (hashes.length === 0 || hashes.some((hash) => wanted.has(hash))) continue
      await deleteMessage(room, id)
      await save({ replies: step.replies.filter((reply) => reply.id !== id) })
    }
    // A file that was refused just now must be named in the text.
    if (Object.keys(step.refused).length === before)
      return deliveredAs(step, site, edit, post.leftOut)
  }
}

/** Removes replies first: if the removal breaks off, the post itself is still there. */
export async function removePost(
  { api, now }: DeliveryDeps,
  edit: Edit,
  channelId: string,
  site: SiteFacts,
  checkpoint: Checkpoint,
  signal: AbortSignal,
): Promise<void> {
  const { texts, replies } = readStep(checkpoint, edit)
  for (const { id } of [...texts, ...replies].toReversed())
    await deleteMessage({ api, site, channelId, now, signal }, id)
}

function readStep(checkpoint: Checkpoint, { delivered }: Edit): Step {
  const stored = checkpoint.read()
  if (stored) return Step.parse(stored)
  const [texts, replies] = [
    delivered.messages.filter(({ text }) => text),
    delivered.messages.filter(({ text }) => !text),
  ]
  const first = texts[0]?.id ?? ''
  return {
    texts: texts.map(({ id, files }) => ({ id, files, shows: '' })),
    replies: replies.map(({ id }) => ({ id, hashes: [] })),
    uploads: {},
    refused: {},
    sent: 0,
    plan: '',
    filesGone: false,
    // A post that is not a reply is the root for its additions.
    root: delivered.thread === first ? '' : delivered.thread,
  }
}

function deliveredAs(step: Step, site: SiteFacts, edit: Edit, leftOut: string[]): Delivered {
  const first = step.texts[0]?.id ?? ''
  return {
    messages: [
      ...step.texts.map(({ id, files }) => ({ id, text: true, files })),
      ...step.replies.map(({ id }) => ({ id, text: false, files: true })),
    ],
    url: permalink(site, first),
    thread: step.root === '' ? first : step.root,
    leftOut: leftOut.length > 0 ? leftOut : edit.delivered.leftOut,
  }
}

function hashOf(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex')
}
