// Converts an accepted post to what one chat can show. Every picture is checked and written anew;
// drawings and plots become pictures, and so do formulas that the chat cannot show. A notice takes
// the place of what cannot be shown. Files keep their index unless one before must not go out.
import type { Block } from '../../post/contract/schema.ts'
import { isOnlyName } from '../../post/text/object-name.ts'
import type { Capabilities } from '../chat/chat.ts'
import type { Conversions } from './converter.ts'
import { orderOf } from './order.ts'
import type { Order } from './order.ts'
import type { Account } from './fair-queue.ts'
import { Formulas, hasMath } from './formulas.ts'
import type { Piece } from './formulas.ts'
import { MIMETYPES } from './jobs.ts'
import type { Formula, Outcome, PictureLimits } from './jobs.ts'
import { isBitmap, isSvg } from './sniff.ts'
import type { RelayFile } from '../storage/bytes.ts'

/**
 * Time for all conversions of a post, without the time in which other posts are drawn. Whatever is
 * left after it is replaced by notices.
 */
const POST_MS = 60_000
/** More formulas in a post stay as source: nobody reads a hundred attached pictures. */
const MOST_FORMULAS = 50

export interface Shown {
  blocks: Block[]
  files: RelayFile[]
}

/** Whether anything in the post must be converted for this chat. Most posts go out as they are. */
export function needsConversion({ blocks, files }: Shown): boolean {
  const hasPicture = files.some((file) => isBitmap(file) || isSvg(file))
  return (
    hasPicture ||
    blocks.some((block) => block.type === 'html' || block.type === 'image' || hasMath(block))
  )
}

/** @throws the reason of the signal if it aborts: a post is never converted in part. */
export async function convertPost(
  post: Shown,
  chat: Capabilities,
  conversions: Conversions,
  run: { person: string; signal: AbortSignal },
): Promise<Shown> {
  const conversion = new PostConversion(post, chat, conversions, run)
  await conversion.readFormulas(post.blocks)
  for (const block of post.blocks) await conversion.add(block)
  await conversion.addUnnamed(post.blocks)
  return conversion.result()
}

class PostConversion {
  readonly #conversions: Conversions
  readonly #chat: Capabilities
  readonly #limits: PictureLimits
  readonly #signal: AbortSignal
  readonly #account: Account
  readonly #blocks: Block[] = []
  /** Files that must not go out are undefined. */
  readonly #files: Array<RelayFile | undefined>
  /** File index -> the blocks that replace each block with this file. */
  readonly #done = new Map<number, Block[]>()
  #formulas: Formulas | undefined
  #drawn = 0

  constructor(
    post: Shown,
    chat: Capabilities,
    conversions: Conversions,
    { person, signal }: { person: string; signal: AbortSignal },
  ) {
    this.#files = [...post.files]
    this.#chat = chat
    this.#limits = { pixels: chat.images.pixels, bytes: chat.files.bytes }
    this.#conversions = conversions
    this.#signal = signal
    this.#account = { person, ms: 0 }
  }

  /** All formulas of the post are tried at once, before the first block is added. */
  async readFormulas(blocks: readonly Block[]): Promise<void> {
    this.#formulas = await Formulas.of(blocks, this.#chat, async (all) => this.#forms(all))
  }

  async add(block: Block): Promise<void> {
    if (block.type === 'image') this.#blocks.push(...(await this.#picture(block)))
    else if (block.type === 'file' && this.#isDrawing(block.file))
      this.#blocks.push(...(await this.#picture({ type: 'image', file: block.file })))
    else if (hasMath(block))
      for (const piece of this.#formulas?.pieces(block) ?? []) await this.#math(piece)
    else this.#blocks.push(block)
  }

  /** Files without a block go out too, so no SVG may be among them. */
  async addUnnamed(blocks: readonly Block[]): Promise<void> {
    const named = new Set(blocks.flatMap((block) => ('file' in block ? [block.file] : [])))
    for (const index of this.#files.keys())
      if (!named.has(index) && this.#isDrawing(index)) await this.add({ type: 'file', file: index })
  }

  result(): Shown {
    const kept = this.#files.flatMap((file, index) => (file ? [{ file, index }] : []))
    const places = new Map(kept.map(({ index }, place) => [index, place]))
    const blocks = this.#blocks.flatMap((block): Block[] => {
      if (!('file' in block)) return [block]
      const file = places.get(block.file)
      return file === undefined ? [] : [{ ...block, file }]
    })
    return { blocks, files: kept.map(({ file }) => file) }
  }

  #isDrawing(index: number): boolean {
    const file = this.#files[index]
    return file !== undefined && isSvg(file)
  }

  async #picture(block: Extract<Block, { type: 'image' }>): Promise<Block[]> {
    const known = this.#done.get(block.file)
    const file = this.#files[block.file]
    if (known || !file) return known ?? [block]
    const blocks = await this.#showFile(block, file)
    this.#done.set(block.file, blocks)
    return blocks
  }

  async #showFile(block: Extract<Block, { type: 'image' }>, file: RelayFile): Promise<Block[]> {
    const limits = this.#limits
    const job = await orderOf(file, limits)
    const isPlot = job.kind === 'vega'
    const outcome = await this.#run(job)
    if (outcome.kind === 'as it is') return [block]
    if (outcome.kind === 'picture') {
      const shown = pictureFile(file.name, outcome)
      this.#files[block.file] = shown
      return [block, ...notesOn(shown.name, outcome)]
    }
    const why = outcome.kind === 'formulas' ? 'it cannot be drawn' : outcome.why
    if (job.kind === 'pdf') {
      return [
        { type: 'file', file: block.file },
        notice(`${file.name} is attached and not drawn: ${why}`),
      ]
    }
    if (outcome.kind === 'unreadable') {
      this.#files[block.file] = { ...file, mimetype: 'application/octet-stream' }
      return [
        { type: 'file', file: block.file },
        notice(`${file.name} is attached as a plain file: ${why}`),
      ]
    }
    this.#files[block.file] = undefined
    if (job.kind === 'still') return [notice(`${file.name} is left out: ${why}`)]
    const what = isPlot ? 'Plot' : 'Drawing'
    return [
      ...textInstead(block.alt),
      notice(`${what} ${file.name} is not shown: ${why}; see the notebook`),
    ]
  }

  /** One that takes too long must not keep the others from being read. */
  async #forms(formulas: readonly Formula[]): Promise<readonly (string | null)[]> {
    const outcome = await this.#run({ kind: 'formulas', formulas })
    if (outcome.kind === 'formulas') return outcome.forms
    if (formulas.length === 1) return [null]
    const half = Math.ceil(formulas.length / 2)
    return [
      ...(await this.#forms(formulas.slice(0, half))),
      ...(await this.#forms(formulas.slice(half))),
    ]
  }

  async #math(piece: Piece): Promise<void> {
    if (piece.kind === 'block') this.#blocks.push(piece.block)
    else await this.#formula(piece.formula)
  }

  async #formula({ tex, macros }: Formula): Promise<void> {
    // Not as TeX: a chat that knows formulas would show an error.
    const source: Block = { type: 'code', text: tex, language: '' }
    if (++this.#drawn > MOST_FORMULAS) {
      this.#blocks.push(source)
      return
    }
    const outcome = await this.#run({ kind: 'tex', tex: macros + tex, limits: this.#limits })
    // The source shows the whole formula, so no notice is needed.
    if (outcome.kind !== 'picture') this.#blocks.push(source)
    else this.#append(`formula-${this.#drawn}`, outcome, tex)
  }

  #append(name: string, outcome: Extract<Outcome, { kind: 'picture' }>, alt: string): void {
    const file = pictureFile(name, outcome)
    const index = this.#files.push(file) - 1
    const image = { type: 'image' as const, file: index }
    this.#blocks.push(alt === '' ? image : { ...image, alt }, ...notesOn(file.name, outcome))
  }

  async #run(job: Order): Promise<Outcome> {
    if (this.#account.ms > POST_MS)
      return { kind: 'refused', why: `the post took longer than ${POST_MS / 1000} s to draw` }
    const outcome = await this.#conversions.run(job, this.#signal, this.#account)
    this.#signal.throwIfAborted()
    return outcome
  }
}

function pictureFile(name: string, { bytes, extension }: Extract<Outcome, { kind: 'picture' }>) {
  const stem = name.replace(/\.(?:\w{1,5}\.json|\w{1,5})$/, '')
  return { name: `${stem}.${extension}`, mimetype: MIMETYPES[extension], bytes }
}

function notesOn(name: string, { notes }: Extract<Outcome, { kind: 'picture' }>): Block[] {
  return notes.length === 0 ? [] : [notice(`${name}: ${notes.join(', ')}`)]
}

/** The text/plain of an output that cannot be shown, unless it is only a name like `<Figure>`. */
function textInstead(alt: string | undefined): Block[] {
  if (alt === undefined || alt.trim() === '' || isOnlyName(alt)) return []
  return [{ type: 'text', text: alt, stream: 'result' }]
}

function notice(text: string): Block {
  return { type: 'notice', text }
}
