// From a cell's text to the script the runtime evaluates, or a CellSyntaxError at the cell's own line and column.
import type { Node, OxcError, Program } from 'oxc-parser'
import { codeFrame } from './code-frame.ts'
import { CellSyntaxError } from './compiled.ts'
import type { CompiledCell, DeclarationKind } from './compiled.ts'
import { lower, loweringOf } from './lower.ts'
import { isJsx, parseJavaScript, parseTypeScript } from './parse.ts'
import { positionAt } from './position.ts'
import { rewrite } from './rewrite.ts'
import { mapOf, traceThrough } from './source-map.ts'
import type { MapMaker } from './source-map.ts'

/** What the scanner needs to know of a magic. */
export interface MagicSyntax {
  line: boolean
  cell: boolean
  /** Where MESSAGE starts in the text after the name; `${}` is filled in from there on, and nowhere without it. */
  messageStart?(line: string): number
}

export interface CompileOptions {
  /** Absolute path that names the script. */
  filename: string
  /** The table of magics, by name. */
  magics: ReadonlyMap<string, MagicSyntax>
}

/** Throws `CellSyntaxError`; nothing was run then. */
export function compileCell(source: string, { filename }: CompileOptions): CompiledCell {
  const text = source.startsWith('#!') ? `//${source.slice(2)}` : source
  const { program, errors } = parseTypeScript(text)
  const [error] = errors
  if (error) throw syntaxError(source, text, error)
  const { code, map } = lower(text, loweringOf(program))
  const lowered = code === text ? program : parseJavaScript(code)
  const rewritten = rewrite({
    code,
    program: lowered,
    wantsValue: wantsValue(program, text),
    kinds: typeScriptNames(program),
  })
  const stages: MapMaker[] = [...(map ? [map] : []), () => mapOf(rewritten.text)]
  return {
    script: {
      code: rewritten.text.toString(),
      isAsync: rewritten.isAsync,
      hasValue: rewritten.hasValue,
      declarations: rewritten.declarations,
    },
    magics: [],
    filename,
    source,
    originalPosition: traceThrough(stages),
  }
}

function syntaxError(source: string, text: string, error: OxcError): CellSyntaxError {
  const position = positionAt(text, error.labels[0]?.start ?? 0)
  const message = isJsx(text)
    ? 'JSX is not supported in cells: use a library that builds elements with functions or tagged templates'
    : [error.message, error.helpMessage].filter(Boolean).join('. ')
  return new CellSyntaxError(message, { ...position, frame: codeFrame(source, position) })
}

/** A cell that ends in an expression without `;` has a value; declarations of types do not count. */
function wantsValue(program: Program, text: string): boolean {
  const last = program.body.findLast((statement) => !isErased(statement))
  if (!last || text[last.end - 1] === ';') return false
  return last.type === 'ExpressionStatement' || last.type === 'ExportDefaultDeclaration'
}

/** Whether a statement is only for the type checker. */
function isErased(statement: Node): boolean {
  switch (statement.type) {
    case 'TSInterfaceDeclaration':
    case 'TSTypeAliasDeclaration':
      return true
    case 'ExportNamedDeclaration':
      return statement.exportKind === 'type'
    default:
      return 'declare' in statement && statement.declare
  }
}

/** Names of enums and namespaces, which are fresh in each run of their cell. */
function typeScriptNames(program: Program): Map<string, DeclarationKind> {
  const kinds = new Map<string, DeclarationKind>()
  for (const statement of program.body) {
    const node: Node | null =
      statement.type === 'ExportNamedDeclaration' ? statement.declaration : statement
    if (!node || isErased(node)) continue
    if (node.type === 'TSEnumDeclaration') kinds.set(node.id.name, 'enum')
    if (node.type === 'TSModuleDeclaration' && node.id.type === 'Identifier') {
      kinds.set(node.id.name, 'namespace')
    }
  }
  return kinds
}
