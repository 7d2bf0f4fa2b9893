// Brings the messages of a delivered post to its newest state: texts in place, additional ones in
// the thread. Mattermost cannot add files to a message, so they become named replies. Each step is
// committed before the next, and each is safe to repeat.
import type { RelayFile } from '../../storage/bytes.ts'
import { laterLine } from '../../render/header.ts'
import { fileOf } from '../../render/messages.ts'
import type { RenderedPost } from '../../render/messages.ts'
import { digestOf, sha256 } from '../../storage/digest.ts'
import type { Delivered, Edit } from '../chat.ts'
import { filesLine, refusedFile } from './delivery.ts'
import type { Attempt } from './delivery.ts'
import { deliveredAs, readStep } from './edit-step.ts'
import type { EditStep } from './edit-step.ts'
import { changeMessage, deleteMessage, findSent, sendOnce } from './messages.ts'
import type { Post } from './messages.ts'

interface NamedFile {
  hash: string
  file: RelayFile
}

export class PostEdit {
  readonly #attempt: Attempt
  readonly #edit: Edit
  #step: EditStep

  constructor(attempt: Attempt, edit: Edit) {
    this.#attempt = attempt
    this.#edit = edit
    this.#step = readStep(attempt.checkpoint, edit)
  }

  /** @throws {ChatError} then what was done so far is stored. */
  async run(): Promise<Delivered> {
    await this.#settle()
    for (;;) {
      const refused = Object.keys(this.#step.refused).length
      const post = await this.#render()
      await this.#showTexts(post)
      await this.#showFiles(filesOf(post, this.#edit))
      // A file that was refused just now must be named in the text.
      if (Object.keys(this.#step.refused).length > refused) continue
      const leftOut = post.leftOut.length > 0 ? post.leftOut : this.#edit.delivered.leftOut
      return deliveredAs(this.#step, this.#attempt.room.site, leftOut)
    }
  }

  async #save(change: Partial<EditStep>): Promise<void> {
    this.#step = { ...this.#step, ...change }
    await this.#attempt.checkpoint.write(this.#step)
  }

  get #mark(): string {
    return `${this.#edit.id}:e${this.#step.sent}`
  }

  /** A message whose answer was lost belongs to the post, whatever the post's state is by now. */
  async #settle(): Promise<void> {
    const { pending, plan, texts, replies, sent } = this.#step
    const lost = pending && (await findSent(this.#attempt.room, this.#mark, pending.at))
    if (!lost) return
    const added =
      plan === ''
        ? { texts: [...texts, { id: lost.id, files: false, shows: '' }] }
        : { replies: [...replies, { id: lost.id, hashes: plan.split(' ') }] }
    await this.#save({ ...added, sent: sent + 1, pending: undefined })
  }

  async #send(text: string, fileIds: string[], plan: string): Promise<Post> {
    const step = this.#step
    const root = step.root === '' ? (step.texts[0]?.id ?? '') : step.root
    const sending = { pending: step.plan === plan ? step.pending : undefined, root }
    const message = { mark: this.#mark, text, fileIds }
    return sendOnce(this.#attempt.room, message, sending, async (change) => {
      // Forget a root that is gone; the post's own first message is found anew each time.
      const isGone = change.root === ''
      await this.#save({ pending: change.pending, plan, ...(isGone && { root: '' }) })
    })
  }

  #render(): Promise<RenderedPost> {
    const { room, print, signature } = this.#attempt
    const refused = new Map(
      this.#edit.files.flatMap((file, n) => {
        const why = this.#step.refused[digestOf(file.bytes)]
        return why === undefined ? [] : [[n, why] as const]
      }),
    )
    const post = { ...this.#edit, who: this.#edit.person.name, signature, refused }
    return print(post, room.site.capabilities, room.signal)
  }

  async #showTexts({ messages }: RenderedPost): Promise<void> {
    const texts = messages.filter(({ showsText }) => showsText).map(({ text }) => text)
    for (const [n, text] of texts.entries()) await this.#showText(n, text)
    for (const { id, files } of this.#step.texts.slice(texts.length).toReversed())
      await this.#dropText(id, files)
  }

  async #showText(n: number, text: string): Promise<void> {
    const shows = sha256(text)
    const known = this.#step.texts[n]
    if (known?.shows === shows) return
    if (!known) return this.#addText(n, text, shows)
    const end = await changeMessage(this.#attempt.room, known.id, text, `${this.#edit.id}:${n}`)
    if (end === 'changed')
      return this.#save({ texts: this.#step.texts.with(n, { ...known, shows }) })
    await this.#move(n, known.id, end)
    await this.#showText(n, text)
  }

  async #addText(n: number, text: string, shows: string): Promise<void> {
    const isResent = this.#step.pending !== undefined && this.#step.plan === ''
    const post = await this.#send(text, [], '')
    const { texts, sent } = this.#step
    // To a known key the server may answer with the message of an earlier state: write it again.
    const added = { id: post.id, files: false, shows: isResent ? '' : shows }
    await this.#save({ texts: [...texts, added], sent: sent + 1, pending: undefined })
    if (isResent) await this.#showText(n, text)
  }

  /** Without its first message the whole post moves; any other message is written anew. */
  async #move(n: number, id: string, end: 'gone' | 'closed'): Promise<void> {
    const { texts, root, replies } = this.#step
    if (n > 0) return this.#save({ texts: texts.toSpliced(n, 1) })
    if (end === 'closed') return this.#save({ texts: [], root: root === '' ? id : root })
    for (const later of texts.slice(1)) await deleteMessage(this.#attempt.room, later.id)
    // A root takes its replies with it.
    return this.#save({ texts: [], replies: root === '' ? [] : replies, filesGone: true })
  }

  /** A message that has no text to show any more; one with files stays for them. */
  async #dropText(id: string, hasFiles: boolean): Promise<void> {
    const { room } = this.#attempt
    const line = laterLine(this.#edit.person.name, 'files')
    if (hasFiles) await changeMessage(room, id, line, `${this.#edit.id}:files`)
    else await deleteMessage(room, id)
    const { texts, replies } = this.#step
    await this.#save({
      texts: texts.filter((text) => text.id !== id),
      replies: hasFiles ? [...replies, { id, hashes: [] }] : replies,
    })
  }

  async #showFiles(files: readonly NamedFile[]): Promise<void> {
    const { filesGone, replies, refused } = this.#step
    const first = filesGone ? [] : this.#edit.deliveredFiles
    const shown = new Set([...first, ...replies.flatMap(({ hashes }) => hashes)])
    const fresh = files.filter(({ hash }) => !shown.has(hash) && !(hash in refused))
    for (const { hash, file } of fresh)
      if (!(hash in this.#step.uploads)) await this.#upload(hash, file)
    const ready = fresh.filter(({ hash }) => hash in this.#step.uploads)
    const { perMessage } = this.#attempt.room.site.capabilities.files
    for (let from = 0; from < ready.length; from += perMessage)
      await this.#addFiles(ready.slice(from, from + perMessage))
    await this.#dropFiles(new Set(files.map(({ hash }) => hash)))
  }

  async #upload(hash: string, file: RelayFile): Promise<void> {
    const { api, channelId, signal } = this.#attempt.room
    try {
      const id = await api.upload(channelId, file, signal)
      await this.#save({ uploads: { ...this.#step.uploads, [hash]: id } })
    } catch (error) {
      const why = refusedFile(error)
      if (why === undefined) throw error
      await this.#save({ refused: { ...this.#step.refused, [hash]: why } })
    }
  }

  async #addFiles(batch: readonly NamedFile[]): Promise<void> {
    const names = batch.map(({ file }) => file.name)
    const ids = batch.map(({ hash }) => this.#step.uploads[hash] ?? '')
    const hashes = batch.map(({ hash }) => hash)
    const line = filesLine(this.#edit.person.name, 'added', names)
    const { id } = await this.#send(line, ids, hashes.join(' '))
    const { uploads, replies, sent } = this.#step
    const others = Object.entries(uploads).filter(([hash]) => !hashes.includes(hash))
    await this.#save({
      replies: [...replies, { id, hashes }],
      uploads: Object.fromEntries(others),
      sent: sent + 1,
      pending: undefined,
    })
  }

  async #dropFiles(wanted: ReadonlySet<string>): Promise<void> {
    for (const { id, hashes } of this.#step.replies) {
      if (hashes.length === 0 || hashes.some((hash) => wanted.has(hash))) continue
      await deleteMessage(this.#attempt.room, id)
      await this.#save({ replies: this.#step.replies.filter((reply) => reply.id !== id) })
    }
  }
}

/** Removes replies first: if the removal breaks off, the post itself is still there. */
export async function removePost({ room, checkpoint }: Attempt, edit: Edit): Promise<void> {
  const { texts, replies } = readStep(checkpoint, edit)
  for (const { id } of [...texts, ...replies].toReversed()) await deleteMessage(room, id)
}

function filesOf(post: RenderedPost, edit: Edit): NamedFile[] {
  return post.messages
    .flatMap(({ files }) => files)
    .flatMap((index) => fileOf(post, edit.files, index) ?? [])
    .map((file) => ({ file, hash: digestOf(file.bytes) }))
}
