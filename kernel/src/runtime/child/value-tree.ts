// A value that is too much for text -> HTML that opens and closes. Bounded in nodes and
// characters, breadth first: values near the root come before those deep inside one member. No
// code of the value runs.
import { inspect } from 'node:util'
import { VALUE_TREE } from '../../protocol/mimebundle.ts'
import { Math, Object } from '../../api/primordials.ts'
import { className } from './descriptors.ts'
import { entriesOf, kindOf, sizeOf } from './value-entries.ts'
import type { Entry, Kind } from './value-entries.ts'

/** Bounds: nodes, characters and levels of a tree; members of a node; characters of its line. */
const NODES = 1500
const CHARACTERS = 150_000
const LEVELS = 20
const MEMBERS = 100
const LINE = 160

const STYLE =
  'font-family:var(--jp-code-font-family,monospace);font-size:var(--jp-code-font-size,13px);line-height:1.4'
const LIST_STYLE = 'list-style:none;margin:0;padding-left:1.5em'

interface Node {
  /** HTML. */
  line: string
  parent: Node | undefined
  /** What it opens to. */
  open?: { value: object; kind: Kind; start: number; end: number }
  members: Node[]
  /** Number of members that the bounds left out. */
  left: number
}

/** Undefined if the value has nothing to open, or fits into `text`. */
export function valueTree(value: unknown, text: string): string | undefined {
  const kind = kindOf(value)
  if (!kind || typeof value !== 'object' || value === null || fits(text)) return undefined
  const root = nodeOf({ key: '', value })
  const budget = { nodes: NODES, characters: CHARACTERS }
  let level = [root]
  for (let depth = 0; depth < LEVELS; depth++) level = level.flatMap((node) => grow(node, budget))
  return `${VALUE_TREE} style="${STYLE}">${render(root, true)}</div>`
}

/** Lines of text that a person takes in at a glance. */
const LINES = 30

/**
 * Short and complete: without `[Object]`, `[Circular *1]` or `... 5 more items`. The brackets of
 * `Object [Generator]` are only a name.
 */
function fits(text: string): boolean {
  return (
    text.split('\n', LINES + 1).length <= LINES &&
    !/(?<!\w )\[(?:Circular \*\d+|(?!Function|Getter|Setter)[A-Z]\w*)\]|\.\.\. \d+ more /.test(text)
  )
}

function grow(node: Node, budget: { nodes: number; characters: number }): Node[] {
  if (!node.open) return []
  const { value, kind, start, end } = node.open
  const size = end - start
  // A long list opens to groups of a hundred.
  const isChunked = kind === 'list' && size > MEMBERS
  const step = isChunked ? chunkOf(size) : 1
  const wanted = Math.min(MEMBERS, Math.ceil(size / step))
  const members: Node[] = []
  const entries = isChunked ? [] : entriesOf(value, kind, start, wanted)
  while (members.length < wanted && budget.nodes > 0 && budget.characters > 0) {
    const at = start + members.length * step
    const entry = entries[members.length]
    const member = entry
      ? nodeOf(entry, node)
      : chunkNode(value, at, Math.min(at + step, end), node)
    members.push(member)
    budget.nodes -= 1
    budget.characters -= member.line.length
  }
  node.members = members
  node.left = Math.max(0, size - members.length * step)
  return members
}

/** A power of a hundred, so that no node has more than a hundred members. */
function chunkOf(size: number): number {
  let step = MEMBERS
  while (size / step > MEMBERS) step *= MEMBERS
  return step
}

function chunkNode(value: object, start: number, end: number, parent: Node): Node {
  const line = `<span style="opacity:.7">[${start} … ${end - 1}]</span>`
  return { line, parent, open: { value, kind: 'list', start, end }, members: [], left: 0 }
}

function nodeOf({ key, value, accessor }: Entry, parent?: Node): Node {
  const kind = accessor === undefined ? kindOf(value) : undefined
  const isCircular = kind !== undefined && isAncestor(value, parent)
  const name = key === '' ? '' : `<span style="opacity:.7">${escapeHtml(cut(key))}:</span> `
  const text = accessor ?? (isCircular ? '[Circular]' : summary(value))
  const node: Node = { line: name + escapeHtml(cut(text)), parent, members: [], left: 0 }
  if (!kind || isCircular || typeof value !== 'object' || value === null) return node
  const end = sizeOf(value, kind)
  if (end > 0) node.open = { value, kind, start: 0, end }
  return node
}

function isAncestor(value: unknown, parent: Node | undefined): boolean {
  for (let node = parent; node; node = node.parent) if (node.open?.value === value) return true
  return false
}

/** One line: `Map(3)`, `Point {x, y}`, `'text'`. */
function summary(value: unknown): string {
  const kind = kindOf(value)
  if (!kind || typeof value !== 'object' || value === null) return leaf(value)
  const name = className(value) || '[Object: null prototype]'
  if (kind !== 'object') return `${name}(${sizeOf(value, kind)})`
  const keys = Object.keys(value)
  const shown = keys.slice(0, 5).join(', ')
  return `${name} {${shown}${keys.length > 5 ? ', …' : ''}}`
}

function leaf(value: unknown): string {
  try {
    return inspect(value, {
      depth: 0,
      breakLength: Infinity,
      compact: true,
      maxArrayLength: 5,
      maxStringLength: LINE,
    })
  } catch {
    // Its own inspect method threw.
    return `[${typeof value}]`
  }
}

function cut(text: string): string {
  const [first = ''] = text.split('\n', 1)
  return first.length > LINE || first.length < text.length ? `${first.slice(0, LINE)}…` : first
}

function render(node: Node, isOpen = false): string {
  if (!node.open) return node.line
  // The bounds ended before it: a line without members.
  if (node.members.length === 0) return `${node.line} …`
  const items = node.members.map((member) => `<li>${render(member)}</li>`).join('')
  const left = node.left > 0 ? `<li>… ${node.left} more</li>` : ''
  const open = isOpen ? ' open' : ''
  return `<details${open}><summary>${node.line}</summary><ul style="${LIST_STYLE}">${items}${left}</ul></details>`
}

/** Text inside HTML. */
export function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
}
