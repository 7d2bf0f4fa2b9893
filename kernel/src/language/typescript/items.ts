// Completion items of TypeScript's server as Jupyter's matches: those that continue what is typed,
// the best first.
import { parseTypeScript } from '../../cell/parse.ts'
import type { Completion } from '../../runtime/runtime.ts'
import type { CompletionItem, Owned } from './messages.ts'
import { offsetOf } from './places.ts'
import { withoutModules, withoutUndefined } from './readable.ts'

/** CompletionItemKind of the protocol -> the words that front ends show an icon for. */
const KINDS: Readonly<Record<number, string>> = {
  1: 'text',
  2: 'function',
  3: 'function',
  5: 'property',
  6: 'instance',
  7: 'class',
  8: 'interface',
  9: 'module',
  10: 'property',
  13: 'enum',
  14: 'keyword',
  17: 'path',
  19: 'module',
  20: 'property',
  21: 'text',
  25: 'class',
}

const FILE = 17

/** A word of a detail -> the kind of an imported name, whose item does not say it. */
const DETAILS: Readonly<Record<string, string>> = {
  function: 'function',
  '(method)': 'function',
  class: 'class',
  enum: 'enum',
  interface: 'interface',
  namespace: 'module',
  module: 'module',
  type: 'class',
}

/** Members that every object has; nobody wants them unless typed for. */
const OLD_MEMBERS = /^__(?:define|lookup)[GS]etter__$|^__proto__$/

type Match = Completion['matches'][number]

/** UTF-16 units of a signature that are shown. */
const LONGEST = 300

export interface Candidate {
  item: CompletionItem
  text: string
}

export interface Candidates {
  /** UTF-16 offset of what the texts replace. */
  start: number
  found: Candidate[]
  /** What can be there: any value that is in scope, only what is listed, or nothing known. */
  place: 'scope' | 'listed' | 'unknown'
}

/** In scope wherever a value can be. */
const EVERYWHERE = 'NaN'

/** One character of a name. */
const ofName = /^[\p{ID_Continue}$#\u200c\u200d]$/u

/** Offset at which the name begins that ends at the cursor. */
export function nameStart(code: string, cursor: number): number {
  const characters = Array.from(code.slice(Math.max(cursor - LONGEST, 0), cursor))
  const before = characters.findLastIndex((character) => !ofName.test(character))
  return cursor - characters.slice(before + 1).join('').length
}

/** Those items that begin with what is before the cursor. */
export function candidatesOf(
  items: readonly CompletionItem[],
  code: string,
  cursor: number,
): Candidates {
  const edited = items.find(({ textEdit }) => textEdit)?.textEdit?.range.start
  const isInText = items.every(({ textEdit }) => textEdit)
  const start = (isInText && edited ? offsetOf(code, edited) : undefined) ?? nameStart(code, cursor)
  const prefix = code.slice(start, cursor)
  // After `node:fs/` the server also lists the files in which Node's types are written.
  const isNode = /["'`]node:[\w/]*$/.test(code.slice(Math.max(start - LONGEST, 0), start))
  const all = items
    .filter(({ textEdit }) => isInText || textEdit === undefined)
    .map((item) => ({ item, text: item.textEdit?.newText ?? item.insertText ?? item.label }))
    .filter(({ text }) => prefix !== '' || !OLD_MEMBERS.test(text))
    .filter(({ item, text }) => !text.includes('__jupyterpost') && !(isNode && item.kind === FILE))
  const exact = all.filter(({ text }) => typedOf(text).startsWith(prefix))
  const lower = prefix.toLowerCase()
  const found =
    exact.length > 0
      ? exact
      : all.filter(({ text }) => typedOf(text).toLowerCase().startsWith(lower))
  const isScope = items.some(({ label }) => label === EVERYWHERE)
  const place = items.length === 0 ? 'unknown' : isScope ? 'scope' : 'listed'
  return { start, found: sorted(found), place }
}

/** `?.name` takes the place of `.name` where there may be no object. */
function typedOf(text: string): string {
  return text.startsWith('?.') ? text.slice(1) : text
}

/** By the server's groups: names of cells before globals, those before keywords, old ones last. */
function sorted(candidates: Candidate[]): Candidate[] {
  return candidates.toSorted((one, other) => {
    const [before = '', after = ''] = [one.item.sortText, other.item.sortText]
    if (before !== after) return before < after ? -1 : 1
    // Declarations of packages use such names among themselves.
    const isInner = one.text.startsWith('_')
    if (isInner !== other.text.startsWith('_')) return isInner ? 1 : -1
    return one.text.localeCompare(other.text)
  })
}

/** More members of one type are not read in the order in which they were declared. */
const MANY = 12

/**
 * Members with their own type's first, then inherited ones, from near to far. The server lists the
 * farthest base first.
 */
export function ownFirst<Member extends Owned>(members: readonly Member[]): Member[] {
  const groups = Map.groupBy(members, ({ owner }) => owner)
  return [...groups.values()]
    .toReversed()
    .flatMap((group) =>
      group.length > MANY
        ? group.toSorted((one, other) => one.name.localeCompare(other.name))
        : group,
    )
}

/** Those that stand for types and modules: what they are is their kind. */
const WITHOUT_TYPE: ReadonlySet<string> = new Set([
  'class',
  'interface',
  'enum',
  'module',
  'path',
  'text',
])

/** A match with its type, if that is known. */
export function memberMatch({ item, text }: Candidate, type: string | undefined): Match {
  const kind = KINDS[item.kind ?? 0] ?? 'instance'
  return { text, type: kind, ...(WITHOUT_TYPE.has(kind) ? {} : signed(type)) }
}

/** Whether it is a name in scope: no key, no path, no text. */
export function isName({ item }: Candidate): boolean {
  const kind = KINDS[item.kind ?? 0] ?? 'instance'
  return kind !== 'property' && kind !== 'path' && kind !== 'text'
}

/** A match with its detail, if that was asked for. */
export function globalMatch({ item, text }: Candidate, detail: string | undefined): Match {
  const kind = KINDS[item.kind ?? 0] ?? 'instance'
  if (detail === undefined || WITHOUT_TYPE.has(kind)) return { text, type: kind }
  const whole = firstOf(detail)
  const [word = ''] = whole.split(' ', 1)
  const signature = signatureIn(whole, item.label)
  const isCalled = signature.startsWith('(') || signature.startsWith('<')
  const type = DETAILS[word] ?? (isCalled ? 'function' : kind)
  return { text, type: kind === 'instance' ? type : kind, ...signed(signature) }
}

/** A match of which everything is known already. */
export function knownMatch(text: string, kind: string, type: string | undefined): Match {
  return { text, type: kind, ...signed(type) }
}

/** On one line; a long one is cut. */
function signed(type: string | undefined): { signature?: string } {
  // `typeof name` says nothing that the name does not.
  if (type === undefined || type === '' || type.startsWith('typeof ')) return {}
  const line = withoutUndefined(firstOverload(withoutModules(type).replace(/\s+/g, ' ')))
  return { signature: line.length > LONGEST ? `${line.slice(0, LONGEST - 1)}…` : line }
}

/** What can be called in many ways is shown as the first of them. */
function firstOverload(type: string): string {
  if (!type.startsWith('{ (') && !type.startsWith('{ <')) return type
  const { program, errors } = parseTypeScript(`type _ = ${type}`)
  const [statement] = program.body
  if (errors.length > 0 || statement?.type !== 'TSTypeAliasDeclaration') return type
  const { typeAnnotation: annotation } = statement
  const members = annotation.type === 'TSTypeLiteral' ? annotation.members : []
  const calls = members.filter((member) => member.type === 'TSCallSignatureDeclaration')
  const [first] = calls
  if (!first || calls.length < members.length) return type
  const offset = 'type _ = '.length
  const text = type.slice(first.start - offset, first.end - offset).replace(/;$/, '')
  const others = calls.length - 1
  return others === 0 ? text : `${text} (+${others} overload${others === 1 ? '' : 's'})`
}

const ALIAS = '(alias) '

/** The first of several overloads: each begins at the left margin. */
function firstOf(detail: string): string {
  const [first = '', ...rest] = detail.split('\n')
  const end = rest.findIndex((line) => !/^[\s})\]]/.test(line))
  const whole = [first, ...(end < 0 ? rest : rest.slice(0, end))].join('\n')
  return whole.startsWith(ALIAS) ? whole.slice(ALIAS.length) : whole
}

/** `(x: number): string` of a function, `number` of a property. */
function signatureIn(detail: string, name: string): string {
  for (let at = detail.indexOf(name); at >= 0; at = detail.indexOf(name, at + 1)) {
    const rest = detail.slice(at + name.length)
    if (rest.startsWith('(') || rest.startsWith('<')) return rest
    if (rest.startsWith(': ') || rest.startsWith('?: ')) return rest.slice(rest.indexOf(' ') + 1)
  }
  return ''
}
