// Masks secrets in a post: `[masked: GitHub token]`, or `[masked]` in a URL. Kernel, CLI and
// `post()` mask before anything leaves the program, by shape and by value; the relay masks again by
// shape. Masking twice changes nothing more.
import limits from '../contract/limits.json' with { type: 'json' }
import { firstUnits } from '../contract/units.ts'
import type { Ask } from '../contract/question.ts'
import type { Block, PostContent, PostFile } from '../contract/schema.ts'
import { secretPlaces, unseenParts } from './places.ts'
import type { SecretPlace, Torn } from './places.ts'
import { assignedVariables, secretValues } from './values.ts'
import type { SecretValue } from './values.ts'

const { ask: most, manifest } = limits

export { BORDER, CELL_BORDER } from './places.ts'

/** Masks one post, and counts the secrets. */
export class Masker {
  #values: readonly SecretValue[]
  readonly #secrets = new Set<string>()

  /** @param variables - Their values are secrets if the name says so (`isSecretName`). */
  constructor(variables: readonly SecretValue[] = []) {
    this.#values = secretValues(variables)
  }

  /** How many different secrets were masked. */
  get count(): number {
    return this.#secrets.size
  }

  /** `2 secrets masked`; empty if there was none. */
  get notices(): string[] {
    if (this.count === 0) return []
    return [this.count === 1 ? '1 secret masked' : `${this.count} secrets masked`]
  }

  /**
   * The same post with its secrets masked: in blocks, text files, names of files, the notebook's
   * name, the thread's key and choices.
   */
  post<T extends PostContent & { thread?: string | undefined; ask?: Ask | undefined }>(post: T): T {
    const { source, thread, ask } = post
    return {
      ...post,
      blocks: this.blocks(post.blocks),
      files: post.files.map((file) => this.file(file)),
      ...(thread === undefined ? {} : { thread: firstUnits(this.text(thread), manifest.thread) }),
      ...(ask === undefined ? {} : { ask: this.#ask(ask) }),
      ...(source?.notebook === undefined
        ? {}
        : {
            source: {
              ...source,
              notebook: firstUnits(this.text(source.notebook), manifest.notebook),
            },
          }),
    }
  }

  blocks(blocks: readonly Block[]): Block[] {
    this.learn(blocks)
    return blocks.map((block) => this.#block(block))
  }

  /** What source code says of variables is known from now on. */
  learn(blocks: readonly Block[]): void {
    for (const block of blocks) {
      if (block.type !== 'code') continue
      this.#values = secretValues([...this.#values, ...assignedVariables(block.text)])
    }
  }

  text(text: string, markup = false): string {
    return this.#text(text, markup ? 'by tags' : 'by nothing')
  }

  #text(text: string, torn: Torn): string {
    return this.#within(text, { from: 0, to: text.length }, torn).masked
  }

  /**
   * Masks what begins between two offsets of a text, which may be a part of a longer one: what is
   * around shows whether something is a secret.
   * @returns The masked part, and its end: a secret may end behind `to`.
   */
  part(text: string, part: { from: number; to: number }, markup: boolean) {
    return this.#within(text, part, markup ? 'by tags' : 'by nothing')
  }

  #within(text: string, { from, to }: { from: number; to: number }, torn: Torn) {
    const unseen = unseenParts(torn)
    let result = ''
    let end = from
    for (const place of secretPlaces(text, this.#values, torn)) {
      if (place.start < end || place.start >= to) continue
      const secret = text.slice(place.start, place.end)
      // A backslash would escape what follows the mask.
      const left = (secret.match(unseen) ?? []).filter((part) => part !== '\\')
      this.#secrets.add(secret.replaceAll(unseen, ''))
      result += text.slice(end, place.start) + maskOf(place) + left.join('')
      end = place.end
    }
    const last = Math.max(end, to)
    return { masked: result + text.slice(end, last), end: last }
  }

  /**
   * Masks a text in pieces, some of which are borders, and returns as many pieces. A secret that
   * spans several pieces is masked in the first.
   */
  pieces(texts: readonly string[]): string[] {
    const whole = texts.join('')
    const places = secretPlaces(whole, this.#values, 'by borders')
    const unseen = unseenParts('by borders')
    for (const { start, end } of places)
      this.#secrets.add(whole.slice(start, end).replaceAll(unseen, ''))
    let next = 0
    let end = 0
    return texts.map((text) => {
      let at = end
      end += text.length
      let masked = ''
      for (let place = places[next]; place && place.start < end; place = places[next]) {
        if (place.start >= at) masked += whole.slice(at, place.start) + maskOf(place)
        at = Math.min(place.end, end)
        if (place.end > end) break
        next += 1
      }
      return masked + whole.slice(at, end)
    })
  }

  /** Cut to the lengths that the contract allows. */
  #ask({ choices, otherwise, ...ask }: Ask): Ask {
    return {
      ...ask,
      choices: choices.map((choice) => firstUnits(this.text(choice), most.choice)),
      ...(otherwise === undefined
        ? {}
        : { otherwise: firstUnits(this.text(otherwise), most.otherwise) }),
    }
  }

  #block(block: Block): Block {
    switch (block.type) {
      case 'message':
        return { ...block, text: this.#text(block.text, 'by escapes') }
      case 'text':
      case 'code':
      case 'notice':
        return { ...block, text: this.text(block.text) }
      case 'markdown':
      case 'latex': {
        const { macros } = block
        const text = this.#text(block.text, 'by escapes')
        return { ...block, text, ...(macros === undefined ? {} : { macros: this.text(macros) }) }
      }
      case 'html':
        return { ...block, html: this.text(block.html, true), text: this.text(block.text) }
      case 'image':
        return block.alt === undefined ? block : { ...block, alt: this.text(block.alt) }
      case 'table': {
        const cells = (row: readonly string[]) => row.map((cell) => this.text(cell))
        return { ...block, columns: cells(block.columns), rows: block.rows.map(cells) }
      }
      case 'choices': {
        const choices = block.choices.map((choice) => this.text(choice))
        if (block.otherwise === undefined) return { ...block, choices }
        return { ...block, choices, otherwise: this.text(block.otherwise) }
      }
      case 'error':
        return {
          ...block,
          name: this.text(block.name),
          message: this.text(block.message),
          traceback: this.text(block.traceback),
        }
      case 'file':
        return block
    }
  }

  /** Masks the name, and the content if it is text. */
  file(file: PostFile): PostFile {
    const name = this.text(file.name)
    const text = isMaskable(file) ? decoded(file.bytes) : undefined
    const masked = text === undefined ? text : this.text(text, isMarkup(file.mimetype))
    const bytes = masked === text || masked === undefined ? file.bytes : Buffer.from(masked)
    return { ...file, name, bytes }
  }
}

function maskOf({ kind, inline }: SecretPlace): string {
  return inline ? '[masked]' : `[masked: ${kind}]`
}

/** Whether the content of the file is searched for secrets. */
export function isMaskable({ mimetype }: Pick<PostFile, 'mimetype'>): boolean {
  return TEXT.test(mimetype)
}

const TEXT =
  /^(?:text\/|image\/svg\+xml|application\/(?:.*[+/])?(?:json|xml|javascript|yaml|toml)\b)/
const MARKUP = /html|xml/

/** Whether tags may tear its secrets apart. */
export function isMarkup(mimetype: string): boolean {
  return MARKUP.test(mimetype)
}

/** Undefined if the bytes are not UTF-8. */
function decoded(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return undefined // TypeError: not UTF-8
  }
}
