// The names that a cell declares itself, also while it is being typed and does not parse: those it
// must not import from earlier cells.
import { declarationsOf } from './declarations.ts'

const MODIFIERS: ReadonlySet<string> = new Set([
  'export',
  'default',
  'declare',
  'abstract',
  'async',
])
const ONE_NAME: ReadonlySet<string> = new Set([
  'function',
  'class',
  'interface',
  'type',
  'enum',
  'namespace',
])
const MANY_NAMES: ReadonlySet<string> = new Set(['let', 'const', 'var', 'using', 'import'])
/** UTF-16 units of a line that are looked at. */
const LINE = 500

/** @param cursor - Where somebody types: that line may be unfinished. */
export function ownNames(code: string, cursor: number): Set<string> {
  const declared = declarationsOf(code) ?? declarationsOf(withoutLine(code, cursor))
  return new Set(declared?.map(({ name }) => name) ?? code.split('\n').flatMap(namesIn))
}

function withoutLine(code: string, cursor: number): string {
  const start = code.lastIndexOf('\n', cursor - 1) + 1
  const next = code.indexOf('\n', cursor)
  const end = next < 0 ? code.length : next
  return code.slice(0, start) + code.slice(end)
}

/** Names that a line at the left margin seems to declare, rather too many. */
function namesIn(line: string): string[] {
  if (/^\s/.test(line)) return []
  const words = line
    .slice(0, LINE)
    .split(/[^\p{ID_Continue}$=]+/u)
    .filter((word) => word !== '' && !MODIFIERS.has(word))
  const [keyword = '', ...rest] = words
  if (ONE_NAME.has(keyword)) return rest.slice(0, 1)
  if (!MANY_NAMES.has(keyword)) return []
  const end = rest.findIndex((word) => word.includes('=') || word === 'from')
  return end < 0 ? rest.slice(0, 1) : rest.slice(0, end)
}
