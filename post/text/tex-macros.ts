// Macros that TeX defines for formulas after it, as MathJax keeps them for a whole notebook:
// `\newcommand`, `\def`, `\DeclareMathOperator` and their kin. A definition is written anew in the
// form that KaTeX and MathJax both read. What Python does is in `capture/tex_macros.py`; both pass
// `post/contract/fixtures/macros.json`.
import limits from '../contract/limits.json' with { type: 'json' }

const { most, definition: longest, used: mostUsed } = limits.macros

export interface FoundMacros {
  /** Name with its backslash -> its definition, in order. */
  macros: Map<string, string>
  /** The text without the definitions. */
  rest: string
}

/** `\DeclareMathOperator` and the like define a name in braces or without them. */
const COMMANDS = new Set(['newcommand', 'renewcommand', 'providecommand', 'def', 'gdef'])
const OPERATOR = 'DeclareMathOperator'

export function macrosIn(text: string): FoundMacros {
  const macros = new Map<string, string>()
  let rest = ''
  let end = 0
  for (let at = text.indexOf('\\'); at !== -1; at = text.indexOf('\\', at)) {
    const word = wordAt(text, at + 1)
    const next = at + 1 + Math.max(1, word.length)
    const found = definitionAt(text, word, next)
    if (found) {
      macros.delete(found.name)
      macros.set(found.name, found.definition)
      rest += text.slice(end, at)
      end = found.end
    }
    at = found?.end ?? next
  }
  return { macros, rest: rest + text.slice(end) }
}

/** The macros of one kernel or post; the oldest are forgotten beyond a number. */
export class MacroBook {
  readonly #macros = new Map<string, Macro>()
  /** Names that some TeX uses -> their definitions: formulas of a post use the same ones. */
  readonly #known = new Map<string, string>()

  learn(text: string): void {
    for (const [name, definition] of macrosIn(text).macros) {
      this.#macros.delete(name)
      this.#macros.set(name, { definition, names: namesIn(definition) })
      const oldest = this.#macros.keys().next().value
      if (this.#macros.size > most && oldest !== undefined) this.#macros.delete(oldest)
      this.#known.clear()
    }
  }

  /** The definitions that this TeX needs, also by way of others; empty if it needs none. */
  usedBy(tex: string): string {
    if (this.#macros.size === 0) return ''
    const names = [...namesIn(tex)].filter((name) => this.#macros.has(name))
    const key = names.join('')
    const known = this.#known.get(key)
    if (known !== undefined) return known
    const definitions = this.#definitionsOf(names)
    this.#known.set(key, definitions)
    return definitions
  }

  #definitionsOf(names: readonly string[]): string {
    const used = new Set<string>()
    const open = [...names]
    let length = 0
    for (let name = open.pop(); name !== undefined; name = open.pop()) {
      const macro = this.#macros.get(name)
      if (macro === undefined || used.has(name)) continue
      used.add(name)
      length += macro.definition.length
      if (length > mostUsed) return ''
      open.push(...macro.names)
    }
    const inOrder = [...this.#macros].filter(([name]) => used.has(name))
    return inOrder.map(([, { definition }]) => definition).join('')
  }
}

interface Macro {
  definition: string
  /** Everything in it that may be another macro. */
  names: ReadonlySet<string>
}

function namesIn(text: string): Set<string> {
  const names = new Set<string>()
  for (let at = text.indexOf('\\'); at !== -1;) {
    const word = wordAt(text, at + 1)
    if (word !== '') names.add(`\\${word}`)
    at = text.indexOf('\\', at + 1 + Math.max(1, word.length))
  }
  return names
}

interface Definition {
  name: string
  definition: string
  end: number
}

/** @param at - Where the command ends. */
function definitionAt(text: string, command: string, at: number): Definition | undefined {
  const isOperator = command === OPERATOR
  if (!isOperator && !COMMANDS.has(command)) return undefined
  const reader = new Reader(text, at)
  const isStarred = reader.take('*')
  const name = reader.name()
  if (name === undefined) return undefined
  if (isOperator) {
    const body = reader.group('{', '}')
    const operator = isStarred ? '\\operatorname*' : '\\operatorname'
    return body === undefined
      ? undefined
      : made(name, `\\def${name}{${operator}{${body}}}`, reader.at)
  }
  if (command.endsWith('def')) {
    const parameters = reader.parameters()
    const body = reader.group('{', '}')
    return body === undefined
      ? undefined
      : made(name, `\\def${name}${parameters}{${body}}`, reader.at)
  }
  const count = reader.group('[', ']')?.trim() ?? '0'
  const first = reader.group('[', ']')
  const body = reader.group('{', '}')
  if (body === undefined || !/^\d$/.test(count)) return undefined
  // Only MathJax reads a first parameter that may be left out.
  if (first !== undefined)
    return made(name, `\\newcommand{${name}}[${count}][${first}]{${body}}`, reader.at)
  const parameters = Array.from({ length: Number(count) }, (_, n) => `#${n + 1}`).join('')
  return made(name, `\\def${name}${parameters}{${body}}`, reader.at)
}

function made(name: string, definition: string, end: number): Definition | undefined {
  return definition.length > longest ? undefined : { name, definition, end }
}

class Reader {
  readonly #text: string
  at: number

  constructor(text: string, at: number) {
    this.#text = text
    this.at = at
  }

  take(character: string): boolean {
    this.#blanks()
    if (this.#text[this.at] !== character) return false
    this.at += 1
    return true
  }

  /** `\name` or `{\name}`; undefined if there is none. */
  name(): string | undefined {
    const isBraced = this.take('{')
    if (!this.take('\\')) return undefined
    const word = wordAt(this.#text, this.at)
    this.at += word.length
    return word === '' || (isBraced && !this.take('}')) ? undefined : `\\${word}`
  }

  /** `#1#2`; empty if there are none. */
  parameters(): string {
    const start = this.at
    while (this.#text[this.at] === '#' && isDigit(this.#text[this.at + 1])) this.at += 2
    return this.#text.slice(start, this.at)
  }

  /** What is between the brackets; undefined if there is none, or it is too long. */
  group(open: string, close: string): string | undefined {
    const before = this.at
    if (!this.take(open)) return undefined
    const start = this.at
    let depth = 0
    for (; this.at < Math.min(this.#text.length, start + longest); this.at += 1) {
      const character = this.#text[this.at]
      if (character === close && depth === 0) return this.#text.slice(start, this.at++)
      if (character === '\\') this.at += 1
      else if (character === '{') depth += 1
      else if (character === '}') depth -= 1
      if (depth < 0) break
    }
    this.at = before
    return undefined
  }

  #blanks(): void {
    const last = this.at + MOST_BLANKS
    while (this.at < last && isBlank(this.#text[this.at])) this.at += 1
  }
}

/** Nobody writes more between the parts of a definition. */
const MOST_BLANKS = 20

function isBlank(character: string | undefined): boolean {
  return character === ' ' || character === '\n' || character === '\t'
}

function isDigit(character: string | undefined): boolean {
  return character !== undefined && character >= '0' && character <= '9'
}

/** The letters from this index on; not longer than a name is. */
function wordAt(text: string, at: number): string {
  let end = at
  while (end < at + MOST_NAME && isLetter(text.charCodeAt(end))) end += 1
  return text.slice(at, end)
}

const MOST_NAME = 60

function isLetter(code: number): boolean {
  const letter = code | 0x20
  return letter >= 0x61 && letter <= 0x7a
}
