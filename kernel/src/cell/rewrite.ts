// From a JavaScript module to a strict script that never declares: top-level declarations become
// assignments to global properties, functions and imports move to the top, the last expression
// becomes the value.
import { MagicString } from 'magic-string'
import type {
  Class,
  ExportDefaultDeclaration,
  Expression,
  Function as FunctionNode,
  ImportDeclaration,
  Node,
  Program,
  Statement,
  VariableDeclaration,
  VariableDeclarator,
} from 'oxc-parser'
import type { CellScript, DeclarationKind } from './compiled.ts'
import { children, boundNames, isFunctionLike } from './syntax-tree.ts'
import { freeDocument } from './free-document.ts'
import { markedValue, isExportList, isNamed, isStatementList } from './statements.ts'
import { helperSource, importSource, importedNames, naming } from './rewrite-imports.ts'

export interface RewriteRequest {
  /** A module without types. */
  code: string
  program: Program
  /** Whether the last expression, if the cell ends in one, becomes its value. */
  wantsValue: boolean
  /** Names declared by syntax that only TypeScript has. */
  kinds: ReadonlyMap<string, DeclarationKind>
  /** Imported names that the cell uses as values. */
  values: ReadonlySet<string>
  /** Names for members of namespaces, with the namespace: it may have only types. */
  aliases: ReadonlyMap<string, string>
  /** Names that the person imports, in a cell with JSX, which brings imports of its own. */
  typedImports: ReadonlySet<string> | undefined
  /** Names that the person wrote, where lowering adds names of its own. */
  typedNames: ReadonlySet<string> | undefined
}

export interface Rewritten extends Omit<CellScript, 'code'> {
  text: MagicString
  /** Whether each magic is awaited, by its index. */
  magics: ReadonlyMap<number, boolean>
}

/** Stands for the magic of that index until we know whether it can be awaited there. */
export function magicPlaceholder(index: number): string {
  return `__jupyterpost_magic_${index}_`
}

/** The same for a magic whose text is code. */
export function codePlaceholder(index: number): string {
  return `__jupyterpost_code_${index}_`
}

const MODULE_NAMES: ReadonlySet<string> = new Set([
  'require',
  'module',
  'exports',
  '__dirname',
  '__filename',
])

/** The function or cell that `return`, `await` and `var` belong to. */
type Context = 'cell' | 'sync' | 'async'

export function rewrite(request: RewriteRequest): Rewritten {
  return new Rewriter(request).run()
}

class Rewriter {
  readonly #request: RewriteRequest
  readonly #text: MagicString
  readonly #declarations = new Map<string, DeclarationKind>()
  readonly #magics = new Map<number, boolean>()
  readonly #hoisted: Node[] = []
  /** Where the last function of each name begins. */
  #lastFunctions: Map<string, number> | undefined
  #isAsync = false
  #hasHelpers = false
  #usesGlobalObject = false
  readonly #moduleNames = new Set<string>()
  #imports = 0
  #usings = 0

  constructor(request: RewriteRequest) {
    this.#request = request
    this.#text = new MagicString(request.code)
  }

  run(): Rewritten {
    const { body } = this.#request.program
    this.#provideDocument()
    for (const statement of body) {
      this.#topLevel(statement)
      this.#drain()
    }
    const hasValue = this.#value()
    this.#hoist()
    this.#wrap(hasValue)
    return {
      text: this.#text,
      isAsync: this.#isAsync,
      hasValue,
      usesGlobalObject: this.#usesGlobalObject,
      moduleNames: [...this.#moduleNames],
      declarations: Array.from(this.#declarations, ([name, kind]) => ({ name, kind })),
      magics: this.#magics,
    }
  }

  #declare(names: readonly string[], kind: DeclarationKind) {
    for (const name of names) this.#declarations.set(name, this.#request.kinds.get(name) ?? kind)
  }

  #topLevel(statement: Statement) {
    switch (statement.type) {
      case 'ImportDeclaration':
        if (this.#isOfJsx(statement)) {
          this.#import(statement.start, statement.end, helperSource(statement))
          this.#hoisted.push(statement)
          return
        }
        this.#import(
          statement.start,
          statement.end,
          importSource(statement, this.#imports++, this.#request.values),
        )
        this.#declare(importedNames(statement), 'import')
        this.#hoisted.push(statement)
        return
      case 'ExportAllDeclaration':
        this.#import(
          statement.start,
          statement.end,
          importSource(statement, this.#imports++, this.#request.values),
        )
        return
      case 'ExportNamedDeclaration':
        if (statement.declaration) {
          this.#text.remove(statement.start, statement.declaration.start)
          this.#topLevel(statement.declaration)
        } else if (statement.source) {
          this.#import(
            statement.start,
            statement.end,
            importSource(statement, this.#imports++, this.#request.values),
          )
        } else {
          this.#text.overwrite(statement.start, statement.end, ';')
        }
        return
      case 'ExportDefaultDeclaration':
        this.#exportDefault(statement)
        return
      case 'FunctionDeclaration':
        this.#function(statement)
        return
      case 'ClassDeclaration':
        this.#class(statement)
        return
      default:
        this.#visit(statement, this.#request.program, 'cell')
    }
  }

  /** Not a name of the global object, by which libraries would take Node for a browser. */
  #provideDocument() {
    const { program, code } = this.#request
    for (const { start, end, isShorthand } of freeDocument(program, code)) {
      const key = isShorthand ? 'document: ' : ''
      this.#text.overwrite(start, end, `${key}__jupyterpost.document`)
    }
  }

  /** What JSX needs is no name of the notebook. */
  #isOfJsx({ specifiers }: ImportDeclaration): boolean {
    const { typedImports } = this.#request
    return (
      typedImports !== undefined &&
      specifiers.length > 0 &&
      specifiers.every(({ local }) => !typedImports.has(local.name))
    )
  }

  /**
   * What lowering adds stays within the cell: a class of another cell may need its own of the same
   * name.
   */
  #isHelper(name: string): boolean {
    const { typedNames } = this.#request
    const isHelper = typedNames !== undefined && !typedNames.has(name)
    this.#hasHelpers ||= isHelper
    return isHelper
  }

  #import(start: number, end: number, code: string) {
    this.#isAsync = true
    this.#text.overwrite(start, end, code)
  }

  #exportDefault(statement: ExportDefaultDeclaration) {
    const { declaration } = statement
    const named = isNamed(declaration)
    if (named && declaration.type === 'FunctionDeclaration') {
      this.#text.remove(statement.start, declaration.start)
      this.#function(declaration)
    } else if (named && declaration.type === 'ClassDeclaration') {
      this.#text.remove(statement.start, declaration.start)
      this.#class(declaration)
    } else {
      if (!this.#request.wantsValue || statement !== this.#request.program.body.at(-1)) {
        this.#text.overwrite(statement.start, declaration.start, ';(')
        this.#text.appendLeft(declaration.end, ')')
      }
      this.#visit(declaration, statement, 'cell')
    }
  }

  /**
   * Anonymous, so that its name means the global one inside it, and `f = memoize(f)` also changes
   * its recursion; `.name` is inferred.
   */
  #function(node: FunctionNode) {
    const { id } = node
    if (!id || this.#isHelper(id.name)) return
    this.#declare([id.name], 'function')
    if (this.#isReplaced(node, id.name)) {
      this.#text.remove(node.start, node.end)
      return
    }
    this.#text.remove(id.start, id.end)
    this.#text.appendRight(node.start, `;${id.name} = `)
    this.#text.appendLeft(node.end, ';')
    this.#hoisted.push(node)
    this.#visitChildren(node, node.async ? 'async' : 'sync')
  }

  #class(node: Class) {
    if (node.id) {
      this.#declare([node.id.name], 'class')
      this.#text.appendRight(node.start, `;${naming('reach', [node.id.name])}${node.id.name} = `)
      this.#text.appendLeft(node.end, ';')
    }
    this.#visitChildren(node, 'cell')
  }

  #visitChildren(node: Node, context: Context) {
    for (const child of children(node)) this.#visit(child, node, context)
  }

  /** Nodes to visit, in a list and not on the stack: 10,000 terms of a sum are 10,000 levels. */
  readonly #pending: Array<{ node: Node; parent: Node; context: Context }> = []

  #drain() {
    for (let next = this.#pending.pop(); next; next = this.#pending.pop()) {
      const below = this.#pending.length
      this.#look(next.node, next.parent, next.context)
      this.#reverseFrom(below)
    }
  }

  /** The next comes off the end. Not by a spread: V8 takes only some 120,000 arguments. */
  #reverseFrom(start: number) {
    const pending = this.#pending
    for (let first = start, last = pending.length - 1; first < last; first++, last--) {
      const [one, other] = [pending[first], pending[last]]
      if (one && other) [pending[first], pending[last]] = [other, one]
    }
  }

  #visit(node: Node, parent: Node, context: Context) {
    this.#pending.push({ node, parent, context })
  }

  #look(node: Node, parent: Node, context: Context) {
    switch (node.type) {
      case 'AwaitExpression':
        this.#isAsync ||= context === 'cell'
        break
      case 'Identifier':
        this.#usesGlobalObject ||= node.name === 'globalThis' || node.name === 'global'
        this.#mention(node.name)
        break
      case 'ForOfStatement':
        this.#isAsync ||= context === 'cell' && node.await
        break
      case 'ImportExpression':
        this.#text.overwrite(node.start, node.start + 'import'.length, '__jupyterpost.import')
        break
      case 'MetaProperty':
        if (node.meta.name === 'import') {
          this.#text.overwrite(node.start, node.end, '__jupyterpost.meta')
        }
        break
      case 'VariableDeclaration':
        if (context === 'cell') this.#variables(node, parent)
        break
      case 'ExpressionStatement':
        if (this.#magic(node.expression, context)) return
        break
      default:
    }
    this.#visitChildren(node, isFunctionLike(node, parent) ? functionContext(node) : context)
  }

  #mention(name: string) {
    if (MODULE_NAMES.has(name)) this.#moduleNames.add(name)
    // The text it evaluates may use any of them.
    if (name === 'eval') for (const one of MODULE_NAMES) this.#moduleNames.add(one)
  }

  #magic(expression: Expression, context: Context): boolean {
    if (expression.type !== 'CallExpression' || expression.callee.type !== 'Identifier')
      return false
    const { name, start, end } = expression.callee
    const [matched, kind, digits] = /^__jupyterpost_(magic|code)_(\d+)_$/.exec(name) ?? []
    if (matched === undefined) return false
    const index = Number(digits)
    const awaited = context !== 'sync'
    this.#isAsync ||= context === 'cell'
    this.#magics.set(index, awaited)
    const mark = awaited ? 'await' : 'void'
    const call =
      kind === 'code' ? `${mark} __jupyterpost.measure(` : `${mark} __jupyterpost.magic(${index}, `
    this.#text.overwrite(start, expression.arguments[0]?.start ?? end, call)
    for (const argument of expression.arguments) this.#visit(argument, expression, context)
    return true
  }

  #variables(node: VariableDeclaration, parent: Node) {
    const atTop = parent.type === 'Program' || parent.type === 'ExportNamedDeclaration'
    if (node.kind === 'using' || node.kind === 'await using') {
      this.#isAsync ||= node.kind === 'await using'
      if (atTop) this.#using(node)
      return
    }
    if (!atTop && node.kind !== 'var') return
    const names = namesOf(node)
    const [first] = node.declarations
    if (!first) return
    if (names.length > 0 && names.every((name) => this.#isHelper(name))) {
      this.#text.overwrite(node.start, first.start, 'let ')
      return
    }
    this.#declare(names, node.kind)
    const isLoopTarget =
      (parent.type === 'ForInStatement' || parent.type === 'ForOfStatement') && parent.left === node
    const isLoopStart = parent.type === 'ForStatement' && parent.init === node
    const inList = isStatementList(parent)
    if (inList && node.kind === 'var' && node.declarations.every(({ init }) => !init)) {
      this.#text.overwrite(node.start, node.end, ';')
      return
    }
    const reach = node.kind === 'var' ? '' : naming('reach', names)
    this.#text.overwrite(node.start, first.start, inList ? `;${reach}` : '')
    if (isLoopTarget) return
    for (const declarator of node.declarations) this.#assign(declarator, node.kind)
    if (first.id.type === 'ObjectPattern' && !isLoopStart) {
      this.#text.appendRight(first.start, '(')
      this.#text.appendLeft(first.end, ')')
    }
    if (!isLoopStart && this.#request.code[node.end - 1] !== ';') {
      this.#text.appendLeft(node.end, ';')
    }
    if (node.kind === 'const') this.#seal(node)
  }

  #seal(node: VariableDeclaration) {
    this.#text.appendLeft(node.end, naming('seal', namesOf(node)))
  }

  /** When its cell runs again, `let x` is undefined again; `var x` keeps its value. */
  #assign(declarator: VariableDeclarator, kind: VariableDeclaration['kind']) {
    if (declarator.init) {
      const { id, init } = declarator
      const root = id.type === 'Identifier' ? this.#request.aliases.get(id.name) : undefined
      if (root !== undefined) {
        this.#text.appendRight(init.start, `typeof ${root} === 'undefined' ? void 0 : `)
      }
      return
    }
    if (kind === 'var') this.#text.overwrite(declarator.start, declarator.end, 'void 0')
    else this.#text.appendLeft(declarator.end, ' = void 0')
  }

  #using(node: VariableDeclaration) {
    for (const { id, start } of node.declarations) {
      this.#declare(boundNames(id), 'using')
      this.#text.appendRight(start, `__jupyterpost_using_${this.#usings++} = `)
    }
    this.#text.appendRight(node.start, `;${naming('reach', namesOf(node))}`)
    if (this.#request.code[node.end - 1] !== ';') this.#text.appendLeft(node.end, ';')
    this.#seal(node)
  }

  /** If the value is marked, statements after it do nothing. */
  #value(): boolean {
    if (!this.#request.wantsValue) return false
    const { body } = this.#request.program
    const marked = body.findLast((statement) => markedValue(statement) !== undefined)
    const last = marked ?? body.findLast((statement) => !isExportList(statement))
    const open = this.#isAsync ? ';return { __proto__: null, value: (' : ';('
    const close = this.#isAsync ? ') }' : ')'
    if (last?.type === 'ExpressionStatement') {
      const value = markedValue(last) ?? last.expression
      if (value !== last.expression) {
        this.#text.overwrite(last.start, value.start, open)
        this.#text.overwrite(value.end, last.end, `${close};`)
      } else if (this.#isAsync) {
        this.#text.appendRight(last.start, open)
        this.#text.appendLeft(last.expression.end, close)
      }
      return true
    }
    if (last?.type !== 'ExportDefaultDeclaration' || isNamed(last.declaration)) return false
    this.#text.overwrite(last.start, last.declaration.start, open)
    this.#text.appendLeft(last.declaration.end, close)
    return true
  }

  /** Imports run in their order. */
  #hoist() {
    const hoisted = new Set(this.#hoisted)
    const isHoisted = (node: Node): boolean =>
      hoisted.has(node) ||
      ('declaration' in node && !!node.declaration && isHoisted(node.declaration))
    const first = this.#request.program.body.find((statement) => !isHoisted(statement))
    if (!first) return
    for (const { start, end } of hoisted) {
      if (start > first.start) this.#text.move(start, end, first.start)
    }
  }

  /** If several functions have one name, the last one counts, wherever its text was moved to. */
  #isReplaced(node: Node, name: string): boolean {
    this.#lastFunctions ??= new Map(
      this.#request.program.body.flatMap((one) =>
        one.type === 'FunctionDeclaration' && one.id ? [[one.id.name, one.start]] : [],
      ),
    )
    return (this.#lastFunctions.get(name) ?? 0) > node.start
  }

  #wrap(hasValue: boolean) {
    // A namespace that contains only types has left nothing behind.
    const fresh = Array.from(this.#request.kinds.keys())
      .filter((name) => this.#declarations.has(name))
      .map((name) => `${name} = void 0;`)
      .join('')
    const head = `'use strict';${fresh}`
    if (this.#isAsync) {
      this.#text.prepend(`(async () => {${head}`)
      this.#text.append(`\n${hasValue ? '' : ';return { __proto__: null, value: void 0 }'}})()`)
    } else if (this.#usings > 0 || this.#hasHelpers) {
      this.#text.prepend(`${head}{`).append('\n}')
    } else {
      this.#text.prepend(head)
    }
  }
}

function namesOf(node: VariableDeclaration): string[] {
  return node.declarations.flatMap((declarator) => boundNames(declarator.id))
}

function functionContext(node: Node): Context {
  return 'async' in node && node.async ? 'async' : 'sync'
}
