// From a cell's text to the script the runtime evaluates, or a CellSyntaxError at the cell's own line and column.
import type { Node, Program } from 'oxc-parser'
import { codeFrame } from './code-frame.ts'
import { CellSyntaxError } from './compiled.ts'
import type { CompiledCell, DeclarationKind } from './compiled.ts'
import { lower, loweringOf } from './lower.ts'
import type { MagicTable } from './magic-scanner.ts'
import { placeMagics } from './magic-placement.ts'
import { parseJavaScript, parseTypeScript } from './parse.ts'
import { positionAt } from './position.ts'
import { refusal } from './refusal.ts'
import { magicPlaceholder, rewrite } from './rewrite.ts'
import { mapOf, traceThrough } from './source-map.ts'

export interface CompileOptions {
  /** Absolute path that names the script. */
  filename: string
  /** The table of magics; without one `%name` is no magic. */
  magics?: MagicTable
}

/** Throws `CellSyntaxError`, or `CellUsageError` for a magic that is not well-formed; nothing was run then. */
export function compileCell(
  source: string,
  { filename, magics: table = new Map() }: CompileOptions,
): CompiledCell {
  const { text, map: magicMap, scan } = placeMagics(source, table)
  const { program, errors } = parseTypeScript(text)
  const [error] = errors
  if (error) throw refusal(error, { source, text, scan, map: magicMap })
  const { code, map } = lower(text, loweringOf(program))
  const rewritten = rewrite({
    code,
    program: code === text ? program : parseJavaScript(code),
    wantsValue: wantsValue(program, text),
    kinds: typeScriptNames(program),
  })
  const first = isFirst(program)
  return {
    script: {
      code: rewritten.text.toString(),
      isAsync: rewritten.isAsync,
      hasValue: rewritten.hasValue,
      declarations: rewritten.declarations,
    },
    magics: scan.magics.map(({ name, line, pieces, lineNumber }, index) => ({
      name,
      line,
      pieces,
      lineNumber,
      awaited: rewritten.magics.get(index) ?? true,
      first: first && index === 0,
    })),
    filename,
    source,
    originalPosition: traceThrough([magicMap, map, () => mapOf(rewritten.text)]),
  }
}

/** Compiles an expression, as of `user_expressions`; an object literal needs no parentheses. */
export function compileExpression(expression: string, { filename }: CompileOptions): CompiledCell {
  const { program, errors } = parseTypeScript(`(${expression}\n)`)
  const [statement] = program.body
  const isOne =
    errors.length === 0 &&
    program.body.length === 1 &&
    statement?.type === 'ExpressionStatement' &&
    statement.expression.type === 'ParenthesizedExpression' &&
    statement.expression.end === expression.length + 3
  if (isOne) {
    const cell = compileCell(`(${expression}\n)`, { filename })
    return {
      ...cell,
      source: expression,
      originalPosition(line, column) {
        const found = cell.originalPosition(line, column)
        return found && found.line === 1
          ? { line: 1, column: Math.max(found.column - 1, 0) }
          : found
      },
    }
  }
  const position = errors[0]
    ? positionAt(expression, Math.max((errors[0].labels[0]?.start ?? 1) - 1, 0))
    : { line: 1, column: 0 }
  throw new CellSyntaxError(errors[0]?.message ?? 'Expected one expression', {
    ...position,
    frame: codeFrame(expression, position),
  })
}

/** Whether nothing but imports and types comes before the first magic. */
function isFirst(program: Program): boolean {
  const placeholder = magicPlaceholder(0)
  const statement = program.body.find(
    (one) => !isErased(one) && one.type !== 'ImportDeclaration' && one.type !== 'EmptyStatement',
  )
  return (
    statement?.type === 'ExpressionStatement' &&
    statement.expression.type === 'CallExpression' &&
    statement.expression.callee.type === 'Identifier' &&
    statement.expression.callee.name === placeholder
  )
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
