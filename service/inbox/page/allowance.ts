// What one post may cost the page before somebody asks for more of it. Posts come from cells, and
// cells make large ones by mistake.

/** What an element may still take; anything beyond is shown at a click. */
export class Allowance {
  /** UTF-16 units of markdown to parse; hostile text takes some 5 ms for a thousand. */
  markdown = 20_000
  /** Formulas, and the UTF-16 units of their TeX: KaTeX makes three elements of each. */
  formulas = 100
  tex = 10_000
  /** UTF-16 units of short formulas, which are drawn at once. */
  shortTex = 400
  /** Cells of tables. */
  cells = 20_000

  /** Takes the amount if enough is left. */
  take(what: 'markdown' | 'tex' | 'shortTex', amount: number): boolean {
    if (this[what] < amount) return false
    this[what] -= amount
    return true
  }

  takeFormula(length: number): boolean {
    if (this.formulas === 0 || !this.take('tex', length)) return false
    this.formulas -= 1
    return true
  }

  /** @returns How many of the rows may be shown. */
  takeRows(rows: number, width: number): number {
    const shown = Math.min(rows, Math.floor(this.cells / width))
    this.cells -= shown * width
    return shown
  }
}
