// Nothing that a person writes may look like the line that says who posts. Such a line (a bold name
// and dots at the start) is marked as quoted: `» **prof.smith** · grades.ipynb`. We judge what the
// chat shows, with everything that looks like a dot or like bold letters.
import { muteStart } from './mentions.ts'
import { withText } from './pieces.ts'
import type { Piece } from './pieces.ts'
import { shownRow } from './shown-row.ts'

/** With a blank at which no text is cut. */
const MARK = '»\u00a0'
/** Characters of a shown line: its seeming author is at its start. */
const LOOKED_AT = 120
/** Characters of a cut text: with more invisible ones before it, it does not look like a line. */
const START = 4000
/** A line without any of these has no dot and no word of a first line. */
const SUSPICIOUS = /[^ -~\t]|&|ipynb|\bin\b|\d ?\/ ?\d|jupyterpost/i
/** Shown after a bullet, number, quote, cell border or our mark: then it is no line of its own. */
const QUOTED = /^(?:[-+*]\s|\d{1,9}[.)]\s|>|\||»)/
/** Turns the lines before it into a heading, which is bold. */
const UNDERLINE = /^ {0,3}(?:=+|-+)[ \t]*$/
/** Looks like the middle dot: bullets, operators, letters of other scripts. */
const DOT =
  '\u00b7\u02d9\u0387\u0701\u0702\u1427\u16eb\u2022\u2023\u2024\u2027\u2043\u204c\u204d\u2218\u2219\u22c4\u22c5\u23fa\u25aa\u25ab\u25cb\u25cf\u25d8\u25e6\u25fc\u25fd\u25fe\u26aa\u26ab\u2981\u2b1d\u2b24\u2b29\u2b2a\u2e30\u2e31\u2e33\u30fb\ua78f\uff65\u{10101}'
const DOTTED = new RegExp(`\\s[${DOT}]|[${DOT}]\\s`, 'u')
const LETTER = /[\p{L}\p{N}]/u

/** Marks text that looks like the first line of a post. */
export function unlikePosterLine(piece: Piece): Piece {
  return withText(piece, (text) => marked(text, false))
}

/** The rest of a cut text begins a message: what was harmless within a line may not be there. */
export function continued(text: string): string {
  if (/^ {0,3}(?:```|~~~)/.test(text)) return `${MARK}${text}`
  // The rest was judged before the text was cut.
  const start = text.slice(0, START)
  return marked(muteStart(start), true) + text.slice(START)
}

/** @param inBold - Whether bold may have begun before the text. */
function marked(text: string, inBold: boolean): string {
  const marks: number[] = []
  let paragraph: Alike[] = []
  let isBold = inBold
  let start = 0
  const endParagraph = (isHeading: boolean) => {
    marks.push(...paragraph.filter((line) => isHeading || line.isBold).map(({ at }) => at))
    paragraph = []
    isBold = false
  }
  for (const line of text.split('\n')) {
    if (line.trim() === '') endParagraph(false)
    else if (UNDERLINE.test(line)) endParagraph(true)
    else {
      if (SUSPICIOUS.test(line))
        paragraph = paragraph.concat(alike(text, start, start + line.length, isBold))
      isBold ||= line.includes('**') || line.includes('__')
    }
    start += line.length + 1
  }
  endParagraph(false)
  return withMarks(text, marks)
}

/** @param marks - Indices, ascending. */
function withMarks(text: string, marks: readonly number[]): string {
  if (marks.length === 0) return text
  const cuts = [0, ...marks, text.length]
  return cuts
    .slice(1)
    .map((end, n) => text.slice(cuts[n], end))
    .join(MARK)
}

interface Alike {
  /** Where its mark would go in the source. */
  at: number
  /** Shown bold as it is; in a heading every line is. */
  isBold: boolean
}

/** The shown lines of one source line that would look like the relay's own line if bold. */
function alike(source: string, from: number, to: number, inBold: boolean): Alike[] {
  const { text, lines, bold } = shownRow(source, from, to)
  let next = 0
  return lines.flatMap(({ from: start, at }) => {
    // Ascending, as the lines are: each mark is passed once.
    while (next < bold.length && (bold[next] ?? 0) < start) next++
    const shown = text.slice(start, start + LOOKED_AT)
    if (QUOTED.test(source.slice(at, at + 12)) || !looksAlike(shown)) return []
    const letter = shown.search(LETTER)
    const opening = bold[next]
    const opens = opening !== undefined && opening <= start + letter
    return [{ at, isBold: inBold || next > 0 || opens || hasStyledLetters(shown) }]
  })
}

function looksAlike(shown: string): boolean {
  // Some dots have compatibility forms that are no dots, and the other way round.
  return [...new Set([shown, shown.normalize('NFKC')])].some((form) => {
    const first = form.search(LETTER)
    if (first === -1) return false
    const line = form.slice(first)
    return DOTTED.test(line) || hasItsWords(line)
  })
}

/** Another sign between blanks, followed by words that only the relay's own line has. */
function hasItsWords(line: string): boolean {
  const words = line.split(/\s+/)
  const sign = words.findIndex((word, n) => n > 0 && word.length <= 3 && !LETTER.test(word))
  if (sign === -1) return false
  const after = words.slice(sign + 1).join(' ')
  return /ipynb|\bin ?\[ ?\d|^via jupyterpost|\d ?\/ ?\d+ ?$/i.test(after)
}

/** Letters that look bold without markup, such as `𝐩𝐫𝐨𝐟`. */
function hasStyledLetters(shown: string): boolean {
  const styled = Array.from(shown).filter(
    (letter) => letter > '\u007f' && /^[A-Za-z]$/.test(letter.normalize('NFKC')),
  )
  return styled.length > 1
}
