// Finds the lines of a cell that begin as code: outside templates, strings, comments and regular
// expressions; and says inside which bracket. It knows only as much grammar as tells a block from
// an object literal and a division from a regular expression.
import { newFrame } from './lexer-frame.ts'
import type { LexerFrame } from './lexer-frame.ts'
import {
  blank,
  blockWords,
  bodies,
  contextual,
  endsLine,
  heads,
  lineEnd,
  lineEndCharacters,
  number,
  operators,
  stringEnd,
  word,
} from './lexer-words.ts'

export interface LineStart {
  /** Offset of the first non-blank character. */
  offset: number
  /** Inside an open `(`, `[`, object literal or type literal. */
  inBrackets: boolean
  /** A statement may begin here. */
  atStatement: boolean
  /** Before it comes `if (...)`, `else` and the like: the line is its body. */
  isBody: boolean
}

/**
 * Calls `visit` at each line that begins as code. If that returns an offset, the lexer goes on
 * there, at a new statement.
 */
export function scanLines(source: string, visit: (line: LineStart) => number | undefined): void {
  new Lexer(source, visit).run()
}

/** The largest number of brackets, braces and `${` that are open at once. */
export function depth(source: string): number {
  const lexer = new Lexer(source, () => undefined)
  lexer.run()
  return lexer.deepest
}

/** Whether a text ends inside a string, template text, regular expression or comment: no code. */
export function endsInText(source: string): boolean {
  const lexer = new Lexer(source, ({ offset }) =>
    isMagicLine(source, offset) ? endOfLine(source, offset) : undefined,
  )
  lexer.run()
  return lexer.endsInText
}

/** The text of a magic's line opens nothing: think of an apostrophe in a message. */
function isMagicLine(source: string, offset: number): boolean {
  return ['%', '?%', '! '].some((mark) => source.startsWith(mark, offset))
}

/** Offset of the line terminator at or after `offset`, or the end of the text. */
export function endOfLine(source: string, offset: number): number {
  lineEnd.lastIndex = offset
  return lineEnd.exec(source)?.index ?? source.length
}

class Lexer {
  readonly #source: string
  readonly #visit: (line: LineStart) => number | undefined
  readonly #frames: LexerFrame[] = [newFrame('block', false)]
  deepest = 0
  endsInText = false
  #offset = 0
  /** The token before ends a value: `/` divides, `{` is a body. */
  #afterValue = false
  #atStatement = true
  #isBody = false
  /** The word before, unless it is a property's name. */
  #word = ''
  #mark = ''

  constructor(source: string, visit: (line: LineStart) => number | undefined) {
    this.#source = source
    this.#visit = visit
  }

  get #frame(): LexerFrame {
    return this.#frames.at(-1) ?? newFrame('block', false)
  }

  run() {
    this.#lineStart()
    while (this.#offset < this.#source.length) {
      this.#token()
      if (this.#frames.length > this.deepest) this.deepest = this.#frames.length
    }
  }

  #lineStart() {
    blank.lastIndex = this.#offset
    blank.test(this.#source)
    this.#offset = blank.lastIndex
    if (this.#offset >= this.#source.length) return
    const { kind } = this.#frame
    const resumed = this.#visit({
      offset: this.#offset,
      inBrackets: kind !== 'block',
      atStatement:
        this.#atStatement || (kind === 'block' && (this.#afterValue || endsLine.has(this.#word))),
      isBody: this.#isBody,
    })
    if (resumed === undefined) return
    this.#offset = resumed
    this.#statement()
  }

  #token() {
    const character = this.#source.charAt(this.#offset)
    const next = this.#source.charAt(this.#offset + 1)
    if (lineEndCharacters.includes(character)) {
      this.#offset += character === '\r' && next === '\n' ? 2 : 1
      this.#lineStart()
    } else if (/\s/.test(character)) {
      this.#offset++
    } else if (character === '/' && next === '/') {
      this.#offset = endOfLine(this.#source, this.#offset)
      this.endsInText = this.#offset >= this.#source.length
    } else if (character === '/' && next === '*') {
      this.#skipPast('*/', this.#offset + 2)
    } else if (character === '#' && next === '!' && this.#offset === 0) {
      this.#offset = endOfLine(this.#source, 0)
    } else if (character === '"' || character === "'") {
      this.#string(character)
    } else if (character === '`') {
      this.#template(this.#offset + 1)
    } else if (character === '/' && !this.#afterValue) {
      this.#regularExpression()
    } else if (this.#match(number)) {
      this.#value()
    } else {
      const name = this.#match(word)
      if (name) this.#name(name)
      else this.#punctuator(character, next)
    }
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#offset
    const found = pattern.exec(this.#source)?.[0]
    if (found) this.#offset += found.length
    return found
  }

  #skipPast(end: string, from: number) {
    const found = this.#source.indexOf(end, from)
    this.endsInText = found < 0
    this.#offset = found < 0 ? this.#source.length : found + end.length
  }

  /** A statement begins after this. */
  #statement(isBody = false) {
    this.#afterValue = false
    this.#atStatement = true
    this.#isBody = isBody
    this.#word = ''
    this.#mark = ''
    Object.assign(this.#frame, { tokens: 0, conditionals: 0, inCase: false, header: 'none' })
    this.#frame.functionIsValue = false
  }

  #operator(mark: string) {
    this.#afterValue = false
    this.#next(mark)
  }

  #value() {
    this.#afterValue = true
    this.#next('')
  }

  #next(mark: string) {
    this.#atStatement = false
    this.#isBody = false
    this.#word = ''
    this.#mark = mark
    this.#frame.tokens++
  }

  #string(quote: string) {
    const end = quote === '"' ? stringEnd.double : stringEnd.single
    end.lastIndex = this.#offset + 1
    let found = end.exec(this.#source)
    while (found?.[0].startsWith('\\')) found = end.exec(this.#source)
    this.endsInText = !found
    if (!found) this.#offset = this.#source.length
    else this.#offset = found[0] === quote ? end.lastIndex : found.index
    this.#value()
  }

  #template(from: number) {
    const mark = /\\[^]|`|\$\{/g
    mark.lastIndex = from
    let found = mark.exec(this.#source)
    while (found?.[0].startsWith('\\')) found = mark.exec(this.#source)
    this.endsInText = !found
    this.#offset = found ? mark.lastIndex : this.#source.length
    if (found?.[0] === '${') {
      this.#operator('${')
      this.#frames.push(newFrame('template', true))
    } else {
      this.#value()
    }
  }

  #regularExpression() {
    const part = /\\.|\[(?:\\.|[^\]\\\n\r\u2028\u2029])*\]?|[/\n\r\u2028\u2029]/g
    part.lastIndex = this.#offset + 1
    let found = part.exec(this.#source)
    while (found && (found[0].startsWith('\\') || found[0].startsWith('['))) {
      found = part.exec(this.#source)
    }
    this.endsInText = !found
    if (!found) this.#offset = this.#source.length
    else this.#offset = found[0] === '/' ? part.lastIndex : found.index
    this.#match(word)
    this.#value()
  }

  #name(name: string) {
    const frame = this.#frame
    const { [this.#offset]: after = '' } = this.#source
    const isProperty = this.#mark === '.' || this.#mark === '?.'
    const isKey =
      frame.kind === 'object' &&
      /^\s*[:(,}]/.test(this.#source.slice(this.#offset, this.#offset + 20))
    if (isProperty || isKey) return this.#value()
    const wasStatement = this.#atStatement
    const wasFor = this.#word === 'for'
    if (bodies.has(name) || blockWords.has(name)) {
      this.#statement(bodies.has(name))
    } else if (operators.has(name)) {
      frame.inCase ||= name === 'case' && wasStatement
      this.#operator(name)
      this.#word = wasFor && name === 'await' ? 'for' : name
    } else {
      this.#value()
      this.#word = name
      this.#declarationWord(name, wasStatement || frame.tokens === 1, after)
    }
  }

  #declarationWord(name: string, wasStatement: boolean, after: string) {
    const frame = this.#frame
    const isModifier =
      name === 'export' || name === 'declare' || name === 'abstract' || name === 'async'
    if (isModifier && wasStatement) {
      frame.tokens = 0
      this.#atStatement = true
      this.#afterValue = false
    } else if (name === 'function') {
      frame.functionIsValue = !wasStatement
    } else if (name === 'class') {
      frame.header = wasStatement ? 'declaration' : 'expression'
    } else if (contextual.has(name) && wasStatement && /[ \t]/.test(after)) {
      const namedNext = /^[ \t]+(?:[\p{ID_Start}$_"']|\{)/u
      if (namedNext.test(this.#source.slice(this.#offset, this.#offset + 40))) {
        frame.header = 'declaration'
      }
    }
  }

  #punctuator(character: string, next: string) {
    switch (character) {
      case '(':
      case '[':
        return this.#open(character)
      case '{':
        return this.#openBrace()
      case ')':
      case ']':
      case '}':
        return this.#close(character)
      case ';':
        this.#offset++
        if (this.#frame.kind === 'block') return this.#statement()
        return this.#operator(';')
      case ':':
        return this.#colon()
      default:
        return this.#sign(character, next)
    }
  }

  #sign(character: string, next: string) {
    const pair = character + next
    if (pair === '++' || pair === '--') {
      this.#offset += 2
      if (!this.#afterValue) this.#operator(pair)
    } else if (pair === '=>' || pair === '??' || pair === '?.') {
      this.#offset += 2
      this.#operator(pair)
    } else if (character === '!' && this.#afterValue && next !== '=') {
      this.#offset++
    } else {
      if (character === '?') this.#frame.conditionals++
      this.#offset++
      this.#operator(character)
    }
  }

  #colon() {
    const frame = this.#frame
    this.#offset++
    if (frame.conditionals > 0) {
      frame.conditionals--
    } else if (frame.kind === 'block' && (frame.inCase || frame.tokens === 1)) {
      this.#statement()
      return
    }
    this.#operator(':')
  }

  #open(character: string) {
    const frame = newFrame('group', true)
    frame.isHead = character === '(' && heads.has(this.#word)
    this.#offset++
    this.#operator(character)
    this.#frames.push(frame)
  }

  #openBrace() {
    const frame = this.#frame
    const { header } = frame
    const isBlock =
      this.#atStatement ||
      header !== 'none' ||
      this.#afterValue ||
      this.#mark === '=>' ||
      this.#mark === '>' ||
      this.#mark === 'void'
    const isValue =
      header === 'expression' ||
      frame.functionIsValue ||
      this.#mark === '=>' ||
      frame.kind === 'object' ||
      !isBlock
    frame.header = 'none'
    frame.functionIsValue = false
    this.#offset++
    this.#operator('{')
    this.#frames.push(newFrame(isBlock ? 'block' : 'object', isValue))
    if (isBlock) this.#statement()
  }

  #close(character: string) {
    this.#offset++
    if (this.#frames.length === 1) return this.#statement()
    const closed = this.#frames.pop() ?? newFrame('block', false)
    if (closed.kind === 'template' && character === '}') return this.#template(this.#offset)
    if (closed.kind === 'group' && closed.isHead) return this.#statement(true)
    if (closed.kind === 'block' && !closed.isValue) return this.#statement()
    return this.#value()
  }
}
