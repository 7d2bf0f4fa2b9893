// Files with what the messages of a post do not show as a whole: tables as CSV, everything else, or
// more tables than that, as text.
import type { PostFile } from '../../post/contract/schema.ts'
import { csvText } from './csv.ts'
import type { Cells } from './csv.ts'
import { printPiece } from './pieces.ts'
import type { Piece } from './pieces.ts'

export interface Body {
  pieces: readonly Piece[]
  /** The piece of a table -> the whole table. */
  tables: ReadonlyMap<Piece, Cells>
}

/** Further tables are in the file of the whole text: nobody opens a hundred files. */
const MOST_TABLES = 10

export class WholeFiles {
  readonly files: PostFile[] = []
  readonly #taken: Set<string>
  /** Table -> the name of its file. */
  readonly #tables = new Map<Cells, string>()
  #textName: string | undefined

  /** @param taken - Names of the post's own files. */
  constructor(taken: readonly string[]) {
    this.#taken = new Set(taken)
  }

  /** Where the whole table is, in words. */
  keepTable(table: Cells): string {
    return `the whole table is in ${this.#tableName(table) ?? this.#nameOfText()}`
  }

  /** Where everything is that is cut, in words. */
  keepCut({ tables }: Body, cut: ReadonlySet<Piece>): string {
    const names = new Set<string>()
    for (const piece of cut) {
      const table = tables.get(piece)
      names.add((table && this.#tableName(table)) ?? this.#nameOfText())
    }
    const [text, ...others] = [...names].toSorted((name) => (name === this.#textName ? -1 : 1))
    if (text !== this.#textName)
      return `the whole ${names.size === 1 ? 'table is' : 'tables are'} in ${[...names].join(', ')}`
    const also = others.length === 0 ? '' : `, tables in ${others.join(', ')}`
    return `the whole text is in ${text}${also}`
  }

  /** Makes the file of the whole text, if something was said to be in it. */
  end({ pieces, tables }: Body): void {
    if (this.#textName === undefined) return
    const texts = pieces.map((piece) => {
      const table = tables.get(piece)
      return table && !this.#tables.has(table) ? csvText(table).slice(1) : plainText(piece)
    })
    this.#add(this.#textName, 'text/plain', `${texts.join('\n\n')}\n`)
  }

  #tableName(table: Cells): string | undefined {
    const known = this.#tables.get(table)
    if (known !== undefined || this.#tables.size >= MOST_TABLES) return known
    const name = this.#free('table', 'csv')
    this.#tables.set(table, name)
    this.#add(name, 'text/csv', csvText(table))
    return name
  }

  #nameOfText(): string {
    this.#textName ??= this.#free('output', 'txt')
    return this.#textName
  }

  #add(name: string, mimetype: string, text: string): void {
    this.files.push({ name, mimetype, bytes: Buffer.from(text) })
  }

  #free(stem: string, extension: string): string {
    let name = `${stem}.${extension}`
    for (let n = 2; this.#taken.has(name); n++) name = `${stem}-${n}.${extension}`
    this.#taken.add(name)
    return name
  }
}

/** In a text file a fence around the content would only be noise. */
function plainText(piece: Piece): string {
  return piece.kind === 'fence' ? piece.text : printPiece(piece)
}
