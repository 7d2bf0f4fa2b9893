// What TypeScript's answer to one question means for what a kernel has to answer.
import type { Item, Reference } from './reference.ts'
import type { Kind } from './scenario.ts'

/** More are only counted: nobody would read them in a review. */
const LISTED = 40
/** Whose types are asked. */
const TYPED = 3

export interface Question {
  file: string
  /** Where the typed cell begins. */
  start: number
  reference: Reference
}

export type Expectation = Completed | Inspected | Signed | Wrong

export interface Completed {
  /** Sorted; those that fit what is typed. */
  texts: string[]
  /** Of all, if there are too many to list. */
  count?: number
  /** Text -> what TypeScript says of it. */
  details?: Record<string, string>
}

export interface Inspected {
  /** Without markup. */
  text: string[]
}

export interface Signed {
  label?: string
  parameter?: string
}

export interface Wrong {
  /** Line in the cell, beginning with 1, and number: `1 TS2322`. */
  errors: string[]
}

export async function expectationOf(kind: Kind, question: Question): Promise<Expectation> {
  switch (kind) {
    case 'complete':
      return completed(question)
    case 'inspect':
      return inspected(question)
    case 'signature':
      return signed(question)
    case 'diagnostics':
      return wrong(question)
  }
}

function withoutMark(file: string): { text: string; offset: number } {
  const offset = file.lastIndexOf('¦')
  return { text: file.slice(0, offset) + file.slice(offset + 1), offset }
}

async function completed({ file, reference }: Question): Promise<Completed> {
  const { text, offset } = withoutMark(file)
  const prefix = /[\p{ID_Continue}$#]*$/u.exec(text.slice(0, offset))?.[0] ?? ''
  const all = await reference.complete(text, offset)
  const inText = all.length > 0 && all.every(({ textEdit }) => textEdit)
  const names = all.filter(({ textEdit }) => inText || !textEdit)
  const found = fitting(names, inText ? textPrefix(text.slice(0, offset)) : prefix)
  const texts = [...new Set(found.map(textOf))].toSorted()
  if (texts.length > LISTED) return { texts: texts.slice(0, LISTED), count: texts.length }
  const first = found.toSorted((one, other) => (textOf(one) < textOf(other) ? -1 : 1))
  const resolved = await Promise.all(first.slice(0, TYPED).map((item) => reference.resolve(item)))
  const details = resolved.flatMap(({ label, detail }) =>
    detail === undefined || detail === '' ? [] : [[label, detail] as const],
  )
  return details.length === 0 ? { texts } : { texts, details: Object.fromEntries(details) }
}

const textOf = ({ textEdit, insertText, label }: Item): string =>
  textEdit?.newText ?? insertText ?? label

/** What is typed of a text up to the cursor: of a path its last part. */
const textPrefix = (before: string): string => /[^"'`/]*$/.exec(before)?.[0] ?? ''

/** Those that begin with what is typed, if need be in letters of another case. */
function fitting(items: Item[], prefix: string): Item[] {
  // What nobody wants unless it is typed is left out.
  const old = /^__(?:define|lookup)[GS]etter__$|^__proto__$/
  const wanted = items.filter(
    (item) => (prefix !== '' || !old.test(textOf(item))) && !textOf(item).endsWith('.d.ts'),
  )
  const exact = wanted.filter((item) => textOf(item).startsWith(prefix))
  if (exact.length > 0) return exact
  const lower = prefix.toLowerCase()
  return wanted.filter((item) => textOf(item).toLowerCase().startsWith(lower))
}

async function inspected({ file, reference }: Question): Promise<Inspected> {
  const { text, offset } = withoutMark(file)
  const lines = (await reference.hover(text, offset))
    .split('\n')
    .filter((line) => line.trim() !== '' && !line.startsWith('```'))
  return { text: lines.map(asText) }
}

/** A line of markdown without what only an editor can use. */
function asText(line: string): string {
  return line
    .trim()
    .replace(/^\(alias\) /, '')
    .replace(/^\*(@\w+)\*/, '$1')
    .replace(/\[([^\]]*)\]\(file:[^)]*\)/g, '$1')
}

async function signed({ file, reference }: Question): Promise<Signed> {
  const { text, offset } = withoutMark(file)
  const help = await reference.signature(text, offset)
  const signature = help?.signatures[help.activeSignature ?? 0]
  if (!help || !signature) return {}
  const active = signature.activeParameter ?? help.activeParameter
  const parameter = active === undefined ? undefined : signature.parameters?.[active]?.label
  return { label: signature.label, ...(parameter === undefined ? {} : { parameter }) }
}

async function wrong({ file, start, reference }: Question): Promise<Wrong> {
  const first = file.slice(0, start).split('\n').length - 1
  const found = await reference.diagnostics(file)
  const errors = found.map(({ code, range }) => `${range.start.line - first + 1} TS${code}`)
  return { errors }
}
