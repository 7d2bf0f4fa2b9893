// A drawing's CSS without anything that names another place: `url(#id)` stays, other addresses
// become `none`; at-rules go, since no library here uses them to draw. Read in one pass over its
// tokens (CSS Syntax 3, 4) with escapes decoded, so that `\75rl(` counts as `url(`.

export interface SafeCss {
  css: string
  /** Something that named another place was left out. */
  outside: boolean
}

/** Functions that load their argument. */
const LOADERS = new Set(['url', 'src', 'image', 'image-set', '-webkit-image-set', 'cross-fade'])
const NAME = /[-\w\u0080-\uffff]/
/** An id that needs no quotes. */
const PLAIN_ID = /^#[^\s()"'\\<>]*$/

/** For a stylesheet, a `style` attribute or the value of one property. */
export function safeCss(text: string): SafeCss {
  const scanner = new Scanner(text)
  const css = scanner.run()
  return { css, outside: scanner.outside }
}

class Scanner {
  readonly #text: string
  #at = 0
  outside = false

  constructor(text: string) {
    this.#text = text
  }

  run(): string {
    const kept: string[] = []
    while (this.#at < this.#text.length) kept.push(this.#token())
    return kept.join('')
  }

  #token(): string {
    const character = this.#text[this.#at] ?? ''
    if (this.#text.startsWith('/*', this.#at)) return this.#comment()
    if (character === '"' || character === "'") return this.#string()
    if (character === '@') return this.#atRule()
    if (character === '\\' || NAME.test(character)) return this.#word()
    this.#at++
    return character
  }

  #comment(): string {
    const end = this.#text.indexOf('*/', this.#at + 2)
    this.#at = end === -1 ? this.#text.length : end + 2
    return ' '
  }

  /** With its quotes. An open string takes the rest along: programs read such text differently. */
  #string(): string {
    const start = this.#at
    const quote = this.#text[start]
    for (let at = start + 1; at < this.#text.length; at++) {
      const character = this.#text[at]
      if (character === '\\') at++
      else if (character === '\n') break
      else if (character === quote) {
        this.#at = at + 1
        return this.#text.slice(start, this.#at)
      }
    }
    this.#at = this.#text.length
    return ''
  }

  /** Reads up to its `;` or past its block. */
  #atRule(): string {
    this.#at++
    if (this.#name().toLowerCase() === 'import') this.outside = true
    let depth = 0
    while (this.#at < this.#text.length) {
      // At-rules inside it end with it.
      const isNested = this.#text[this.#at] === '@'
      if (isNested) this.#at++
      const token = isNested ? '' : this.#token()
      if (token === '{') depth++
      if (token === '}') depth--
      if ((token === ';' && depth === 0) || (token === '}' && depth <= 0)) break
    }
    return ' '
  }

  #word(): string {
    const name = this.#name()
    if (this.#text[this.#at] !== '(' || !LOADERS.has(name.toLowerCase())) return name
    this.#at++
    const address = this.#argument().trim()
    if (name.toLowerCase() === 'url' && PLAIN_ID.test(address)) return `url(${address})`
    this.outside = true
    return 'none'
  }

  /** All text up to the closing bracket, without quotes, escapes decoded. */
  #argument(): string {
    const parts: string[] = []
    for (let depth = 1; this.#at < this.#text.length;) {
      const character = this.#text[this.#at] ?? ''
      if (character === '\\') parts.push(this.#escape())
      else if (character === '"' || character === "'") parts.push(this.#string().slice(1, -1))
      else {
        if (character === '(') depth++
        if (character === ')') depth--
        this.#at++
        if (depth === 0) break
        parts.push(character)
      }
    }
    return parts.join('')
  }

  #name(): string {
    const parts: string[] = []
    for (;;) {
      const character = this.#text[this.#at] ?? ''
      if (character === '\\') parts.push(this.#escape())
      else if (character !== '' && NAME.test(character)) {
        parts.push(character)
        this.#at++
      } else return parts.join('')
    }
  }

  /** The character of an escape (`\` and hex digits or a character); `_` for one not in names. */
  #escape(): string {
    const digits = /^\\([\da-f]{1,6})\s?/i.exec(this.#text.slice(this.#at, this.#at + 8))
    const code = digits ? Number.parseInt(digits[1] ?? '', 16) : undefined
    const character =
      code === undefined
        ? (this.#text[this.#at + 1] ?? '')
        : code > 0 && code <= 0x10ffff
          ? String.fromCodePoint(code)
          : '_'
    this.#at += digits ? digits[0].length : 2
    return NAME.test(character) ? character : '_'
  }
}
