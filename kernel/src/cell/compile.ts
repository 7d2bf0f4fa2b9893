// From a cell's text to the script that the runtime evaluates, or a CellSyntaxError at the cell's
// own line and column.
import { dirname } from 'node:path'
import type { Node, Program, Statement } from 'oxc-parser'
import { codeFrame } from './code-frame.ts'
import { CellSyntaxError } from './compiled.ts'
import type { CompiledCell, JoinedLine } from './compiled.ts'
import { joinedLines } from './joined-lines.ts'
import { parseCell } from './leading-object.ts'
import { folderOptions } from './folder-options.ts'
import type { FolderOptions } from './folder-options.ts'
import { lower, loweringOf } from './lower.ts'
import type { KnownMagics } from './magic-scanner.ts'
import { placeMagics } from './magic-placement.ts'
import { parseJavaScript, parseTypeScript } from './parse.ts'
import type { ParseOptions } from './parse.ts'
import { positionAt } from './position.ts'
import type { Position } from './position.ts'
import { refusal } from './refusal.ts'
import { importedNames } from './rewrite-imports.ts'
import { magicPlaceholder, rewrite } from './rewrite.ts'
import { mapOf, traceThrough } from './source-map.ts'
import type { MapMaker } from './source-map.ts'
import { identifiers } from './syntax-tree.ts'
import {
  aliasRoots,
  isErased,
  parameterDecorator,
  typeScriptNames,
  valueOf,
} from './typescript-facts.ts'
import { valueNames } from './value-names.ts'

export interface CompileOptions extends ParseOptions {
  /** Absolute path that names the script. */
  filename: string
  /** The table of magics; without one `%name` is no magic. */
  magics?: KnownMagics
}

/**
 * @throws {CellSyntaxError} for a cell that does not parse, `CellUsageError` for a magic that is
 *   not well-formed; nothing was run then.
 */
export function compileCell(
  source: string,
  { filename, magics: table = new Map(), isProven = false }: CompileOptions,
): CompiledCell {
  const { text: typed, map: magicMap, scan } = placeMagics(source, table)
  const parsed = parseCell(typed, { isProven })
  const { program, errors, text, map: objectMap } = parsed
  const [error] = errors
  if (error) throw refusal(error, { source, text: typed, scan, map: magicMap, magics: table })
  let found: FolderOptions | undefined
  const options = () => (found ??= folderOptions(dirname(filename)))
  const lowering = loweringOf(program, text, options)
  const allowsParameters = lowering !== 'all' || options().experimentalDecorators === true
  refuse(program, allowsParameters, source, (offset) => {
    const place = positionAt(text, offset)
    return traceThrough([magicMap, objectMap])(place.line, place.column) ?? place
  })
  const last = scan.magics.at(-1)
  const isHidden =
    endsInMagic(program, scan.magics.length) && !(last && table.get(last.name)?.hasValue)
  const value = isHidden ? undefined : valueOf(program)
  const { code, maps } = lower(text, {
    lowering,
    value: value?.expression,
    hasJsx: parsed.language === 'tsx',
    options,
  })
  const rewritten = rewrite({
    code,
    program: code === text ? program : parseJavaScript(code),
    wantsValue: value !== undefined,
    kinds: typeScriptNames(program),
    values: valueNames(program),
    aliases: aliasRoots(program),
    typedNames: lowering === 'all' ? identifiers(program) : undefined,
    typedImports: parsed.language === 'tsx' ? importsOf(program) : undefined,
  })
  const first = isFirst(program)
  return {
    script: {
      code: rewritten.text.toString(),
      isAsync: rewritten.isAsync,
      hasValue: rewritten.hasValue,
      usesGlobalObject: rewritten.usesGlobalObject,
      declarations: rewritten.declarations,
      moduleNames: rewritten.moduleNames,
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
    originalPosition: traceThrough([magicMap, objectMap, ...maps, () => mapOf(rewritten.text)]),
    joinedLine: (line) => lastJoined(text, line, { isProven, maps: [magicMap, objectMap] }),
  }
}

function lastJoined(
  text: string,
  line: number,
  { isProven, maps }: { isProven: boolean; maps: ReadonlyArray<MapMaker | undefined> },
): JoinedLine | undefined {
  const trace = traceThrough(maps)
  const lineOf = (offset: number) => {
    const place = positionAt(text, offset)
    return (trace(place.line, place.column) ?? place).line
  }
  const { program } = parseTypeScript(text, { isProven })
  return joinedLines(program, text)
    .filter(({ statement }) => lineOf(statement) <= line)
    .toSorted((one, other) => one.offset - other.offset)
    .map(({ mark, offset, before }) => ({ mark, line: lineOf(offset), before: lineOf(before) }))
    .at(-1)
}

/** Compiles an expression of `user_expressions`; an object literal needs no parentheses. */
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

/** Whether only imports and types come before the first magic. */
function isFirst(program: Program): boolean {
  const statement = program.body.find(
    (one) => !isErased(one) && one.type !== 'ImportDeclaration' && one.type !== 'EmptyStatement',
  )
  return isMagic(statement, 0)
}

/** Names that the person imports; the others came with JSX. */
function importsOf(program: Program): ReadonlySet<string> {
  const imports = program.body.filter((one) => one.type === 'ImportDeclaration')
  return new Set(imports.flatMap(importedNames))
}

/** A magic has no value, and hides the one before it. */
function endsInMagic(program: Program, count: number): boolean {
  const last = program.body.findLast((statement) => !isErased(statement))
  return count > 0 && isMagic(last, count - 1)
}

function isMagic(statement: Statement | undefined, index: number): boolean {
  return (
    statement?.type === 'ExpressionStatement' &&
    statement.expression.type === 'CallExpression' &&
    statement.expression.callee.type === 'Identifier' &&
    statement.expression.callee.name === magicPlaceholder(index)
  )
}

/** Refuses TypeScript that has no place in a cell. */
function refuse(
  program: Program,
  allowsParameters: boolean,
  source: string,
  place: (offset: number) => Position,
) {
  const refused = (message: string, { start }: Node) => {
    const position = place(start)
    return new CellSyntaxError(message, { ...position, frame: codeFrame(source, position) })
  }
  const decorator = allowsParameters ? undefined : parameterDecorator(program)
  if (decorator) {
    const message =
      'A parameter has a decorator, which needs "experimentalDecorators": true in tsconfig.json'
    throw refused(message, decorator)
  }
}
