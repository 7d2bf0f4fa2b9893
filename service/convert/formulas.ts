// The formulas of a post, as one chat shows them: as TeX if its KaTeX reads them, within a line if
// it shows formulas there, else as a picture or as their source. Definitions of earlier blocks hold
// for later ones, as in a notebook.
import type { Block } from '../../post/contract/schema.ts'
import { codeSpan } from '../../post/text/fence.ts'
import { macrosIn, MacroBook } from '../../post/text/tex-macros.ts'
import type { Capabilities } from '../chat/chat.ts'
import { escapeInline, escapeLines } from '../render/escape.ts'
import { withMath } from '../render/inline-math.ts'
import type { InlineMath } from '../render/inline-math.ts'
import { plainTex } from '../render/plain-tex.ts'
import { texParts } from '../render/tex.ts'
import type { Formula } from './jobs.ts'

type MathBlock = Extract<Block, { type: 'latex' | 'markdown' }>
type Chat = Pick<Capabilities, 'math' | 'inlineMath'>
/** Which TeX KaTeX reads; null where there is none. */
type Try = (formulas: readonly Formula[]) => Promise<readonly (string | null)[]>

/** A block that is ready, or a formula that must be drawn. */
export type Piece = { kind: 'block'; block: Block } | { kind: 'drawing'; formula: Formula }

/** Chats know no backslash before a dollar. */
const DOLLAR = '&#36;'
/** More formulas, or UTF-16 units, are not tried: a chat shows them as pictures or source. */
const MOST_TRIED = 200
/** UTF-16 units of all blocks, and of their macros, that are read on the relay's main thread. */
const MOST_READ = 100_000
const MOST_TEX = 100_000
/** UTF-16 units tried at once: 20,000 take about two seconds. */
const BATCH = 20_000

interface Part {
  kind: 'text' | 'line' | 'display'
  text: string
  formula: Formula
}

/** Whether there may be a formula in it. */
export function hasMath(block: Block): block is MathBlock {
  return block.type === 'latex' || (block.type === 'markdown' && block.text.includes('$'))
}

export class Formulas {
  readonly #chat: Chat
  readonly #parts = new Map<Block, Part[]>()
  /** A formula with its definitions -> what KaTeX reads. */
  readonly #forms = new Map<string, string | null>()

  private constructor(chat: Chat) {
    this.#chat = chat
  }

  static async of(blocks: readonly Block[], chat: Chat, attempt: Try): Promise<Formulas> {
    const formulas = new Formulas(chat)
    const all = formulas.#read(blocks)
    if (!chat.math) return formulas
    for (const batch of batchesOf(all)) {
      const forms = await attempt(batch)
      for (const [n, one] of batch.entries()) formulas.#forms.set(keyOf(one), forms[n] ?? null)
    }
    return formulas
  }

  /** What a block becomes. */
  pieces(block: MathBlock): Piece[] {
    const parts = this.#parts.get(block)
    if (parts) return block.type === 'latex' ? this.#latex(parts) : [this.#markdown(block, parts)]
    const { text } = block
    const asTyped: Block = block.type === 'latex' ? { type: 'code', text, language: '' } : block
    return [{ kind: 'block', block: asTyped }]
  }

  #read(blocks: readonly Block[]): Formula[] {
    const book = new MacroBook()
    const formulas: Formula[] = []
    const formulaOf = (text: string): Formula => {
      const { macros, rest } = macrosIn(text)
      if (macros.size > 0) book.learn(text)
      const tex = rest.trim()
      return { tex, macros: book.usedBy(tex) }
    }
    let left = MOST_READ
    let macrosLeft = MOST_READ
    for (const block of blocks) {
      if (!hasMath(block)) continue
      left -= block.text.length
      if (left < 0) break
      macrosLeft -= block.macros?.length ?? 0
      if (block.macros !== undefined && macrosLeft >= 0) book.learn(block.macros)
      const parts: Part[] = []
      const add = (kind: Part['kind'], text: string) => {
        const formula = kind === 'text' ? { tex: '', macros: '' } : formulaOf(text)
        if (formula.tex !== '') formulas.push(formula)
        parts.push({ kind, text, formula })
      }
      if (block.type === 'latex') {
        for (const part of texParts(block.text))
          if (part.kind === 'text') add('text', part.text)
          else add(part.display ? 'display' : 'line', part.tex)
      } else
        withMath(block.text, ({ tex }) => {
          add('line', tex)
          return tex
        })
      this.#parts.set(block, parts)
    }
    return formulas
  }

  #latex(parts: readonly Part[]): Piece[] {
    const pieces: Piece[] = []
    const hasText = parts.some(({ kind }) => kind === 'text')
    let lines = ''
    /** The character before the next part: asking `lines` for it would copy all of them. */
    let before = ''
    const endLines = () => {
      const text = withLoneDollar(lines.trim())
      lines = before = ''
      if (text !== '') pieces.push({ kind: 'block', block: { type: 'markdown', text } })
    }
    for (const [n, { kind, text, formula }] of parts.entries()) {
      const line =
        kind === 'text'
          ? escapedText(text)
          : kind === 'line' && hasText
            ? this.#line(formula, { before, after: parts[n + 1]?.text[0] ?? '' })
            : undefined
      if (line === undefined) {
        endLines()
        if (formula.tex !== '') pieces.push(this.#display(formula))
      } else {
        lines += line
        before = line.slice(-1) || before
      }
    }
    endLines()
    return pieces
  }

  #display(formula: Formula): Piece {
    const form = this.#forms.get(keyOf(formula)) ?? null
    if (form === null) return { kind: 'drawing', formula }
    return { kind: 'block', block: { type: 'latex', text: form } }
  }

  #markdown(block: MathBlock, parts: readonly Part[]): Piece {
    let n = 0
    const text = withMath(block.text, (math) => {
      const { formula } = parts[n++] ?? { formula: { tex: math.tex, macros: '' } }
      // It only defines something.
      if (formula.tex === '') return ''
      return this.#line(formula, math) ?? codeSpan(formula.tex)
    })
    return { kind: 'block', block: { type: 'markdown', text } }
  }

  /** Markdown for the formula within a line; undefined if the chat cannot show it there. */
  #line(formula: Formula, { before, after }: Omit<InlineMath, 'tex'>): string | undefined {
    if (formula.tex === '') return ''
    const form = (this.#forms.get(keyOf(formula)) ?? '').replaceAll(/\s+/g, ' ').trim()
    // Mattermost reads no formula beside a letter or digit.
    const isFree = !/\w/.test(before) && !/\w/.test(after)
    if (this.#chat.inlineMath && form !== '' && isFree && !/[$`|%]/.test(form)) return `$${form}$`
    const plain = formula.macros === '' ? plainTex(formula.tex) : undefined
    return plain === undefined ? undefined : escapeInline(plain)
  }
}

/** The different ones among them, in parts that are tried together. */
function batchesOf(all: readonly Formula[]): Formula[][] {
  const batches: Formula[][] = []
  let [sum, inBatch] = [0, BATCH]
  const different = new Map(all.map((one) => [keyOf(one), one])).values()
  for (const one of [...different].slice(0, MOST_TRIED)) {
    const size = one.tex.length + one.macros.length
    sum += size
    if (sum > MOST_TEX) break
    inBatch += size
    if (inBatch > BATCH) {
      batches.push([])
      inBatch = size
    }
    batches.at(-1)?.push(one)
  }
  return batches
}

function keyOf({ tex, macros }: Formula): string {
  return `${macros}\0${tex}`
}

/** Text that begins no formula: two dollars in a line would. Blanks at its ends stay. */
function escapedText(text: string): string {
  const start = /^\s/.test(text) ? ' ' : ''
  const end = /\s$/.test(text) ? ' ' : ''
  return start + escapeLines(text.trim()).replaceAll('$', DOLLAR) + end
}

/** A single dollar can begin no formula. */
function withLoneDollar(text: string): string {
  const isLone = !text.includes('$') && text.split(DOLLAR).length === 2
  return isLone ? text.replace(DOLLAR, () => '$') : text
}
