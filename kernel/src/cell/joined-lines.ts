// Lines that JavaScript joins although the person meant two statements: `[`, `(` or a backtick at
// the start of a line continues the line before, if that has no semicolon. Such a cell parses, and
// fails in a way that nobody expects.
import type { Node, Program } from 'oxc-parser'
import { children } from './syntax-tree.ts'

export interface JoinedLine {
  /** Offset of the mark that begins the line. */
  offset: number
  mark: string
  /** Offset of the end of the text that it continues. */
  before: number
  /** Offset of the statement that it continues. */
  statement: number
}

/** Most cells have no such line, so their tree is not walked. */
const CANDIDATE = /^[ \t]*[[(`]/m

/** In no order. */
export function joinedLines(program: Program, text: string): JoinedLine[] {
  if (!CANDIDATE.test(text)) return []
  const found: JoinedLine[] = []
  const pending = program.body.map((node): { node: Node; statement: number } => ({
    node,
    statement: node.start,
  }))
  for (let next = pending.pop(); next; next = pending.pop()) {
    const { node, statement } = next
    const before = continued(node)
    const offset = before === undefined ? undefined : markAfter(text, before)
    if (before !== undefined && offset !== undefined) {
      found.push({ offset, mark: text.charAt(offset), before, statement })
    }
    for (const child of children(node)) {
      const isStatement = /(?:Statement|Declaration)$/.test(child.type)
      pending.push({ node: child, statement: isStatement ? child.start : statement })
    }
  }
  return found
}

/** Where the text before the bracket or template ends. */
function continued(node: Node): number | undefined {
  switch (node.type) {
    case 'CallExpression':
      return node.optional ? undefined : (node.typeArguments?.end ?? node.callee.end)
    case 'MemberExpression':
      return node.computed && !node.optional ? node.object.end : undefined
    case 'TaggedTemplateExpression':
      return node.typeArguments?.end ?? node.tag.end
    default:
      return undefined
  }
}

/** Offset of the next mark if it begins a later line; only blanks and comments come between. */
function markAfter(text: string, from: number): number | undefined {
  let isNewLine = false
  for (let at = from; at < text.length; at += 1) {
    const character = text.charAt(at)
    if (text.startsWith('//', at)) {
      at = endOr(text.indexOf('\n', at), text) - 1
    } else if (text.startsWith('/*', at)) {
      at = endOr(text.indexOf('*/', at + 2), text) + 1
    } else if (character === '\n' || character === '\r') {
      isNewLine = true
    } else if (character.trim() !== '') {
      return isNewLine && '[(`'.includes(character) ? at : undefined
    }
  }
  return undefined
}

function endOr(index: number, text: string): number {
  return index === -1 ? text.length : index
}
