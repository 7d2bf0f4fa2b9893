// The agreement between the compiler of cells (kernel process) and the evaluator (runtime process).

/** How a top-level name came to be; `const`, `import` and the like refuse assignment once bound. */
export type DeclarationKind =
  'let' | 'const' | 'var' | 'function' | 'class' | 'enum' | 'namespace' | 'import' | 'using'

export interface Declaration {
  name: string
  kind: DeclarationKind
}

/**
 * A line magic of a cell. It becomes a call in its place:
 * `__jupyterpost.magic(index, [() => (expr), ...])`.
 */
export interface MagicCall {
  name: string
  /** The rest of the line as typed, `${}` parts not filled in. */
  line: string
  /** Text around the values: values.length + 1 pieces; `\${` is already `${`. */
  pieces: string[]
  /** 1-based line of the cell. */
  lineNumber: number
  /** False in a sync function or callback: the post is started there, but not waited for. */
  awaited: boolean
  /** True if nothing but comments, imports and types comes before it. */
  first: boolean
}

export interface CellScript {
  /**
   * A strict script for `vm.Script`. It never declares: before it runs, the evaluator creates
   * `declarations` as configurable global properties, which cannot be used before the script has
   * reached their declaration; afterwards it makes the constant ones read-only. The script's
   * completion value is the cell's value; if `isAsync`, a promise of `{ value }` (wrapped, so that
   * the evaluator awaits a thenable value itself). It uses the host only through `__jupyterpost`
   * (see `CellHost`).
   */
  code: string
  isAsync: boolean
  /** False if the cell ends in no expression, or in one followed by `;;`. */
  hasValue: boolean
  /**
   * It may read one of its own names as a property: `const cache = globalThis.cache ?? new Map()`
   * asks for what was there before.
   */
  usesGlobalObject: boolean
  declarations: Declaration[]
  /**
   * Names of a CommonJS module that it mentions (`require`, `module`, …). Scripts of cells have
   * them, but the global object does not: libraries check `typeof require` to learn where they run.
   */
  moduleNames: string[]
}

/** What a cell's script may call: the non-writable global `__jupyterpost`. */
export interface CellHost {
  /** Static and dynamic import from the notebook's folder; `jupyterpost` is this package. */
  import(specifier: string, options?: ImportCallOptions): Promise<object>
  /**
   * The object that has an import of `module`: itself or its `default`. If neither has it, the name
   * is a type or misspelt: undefined, and using the top-level name `local` is an error.
   *
   * @throws {SyntaxError} if neither has, and the cell uses it as a value.
   */
  home(
    module: object,
    imported: { name: string; specifier: string; local: string; isUsed: boolean },
  ): Record<string, unknown> | undefined
  /** Makes a top-level name of the cell a live binding of the name in `home`. */
  bind(local: string, home: Record<string, unknown>, name: string): void
  /** The same for a name of a package: a constant, which is renewed before each cell. */
  hold(local: string, home: Record<string, unknown>, name: string): void
  /** Runs a line magic; `values` are thunks of its `${}` parts. */
  magic(index: number, values: Array<() => unknown>): Promise<unknown>
  /** Calls the function of a magic that the notebook made. */
  useMagic(use: {
    name: string
    line: string
    flags: Record<string, string | true>
    body: string | undefined
  }): unknown
  /**
   * Runs code and prints how long it took; gives its value, or a promise of it if the code gave
   * one. Between `begin` and `end` of one place there are statements.
   */
  measure(
    kind: 'time' | 'timeit' | 'begin' | 'end',
    options: Record<string, string>,
    code?: () => unknown,
  ): unknown
  /**
   * The declaration of these `let`, `const`, `class` or `using` comes next. Before it, assigning
   * them is an error, like reading them.
   */
  reach(...names: string[]): void
  /** Makes constants read-only once declared, so that their own cell cannot assign them either. */
  seal(...names: string[]): void
  /** The module at this address ran to its end. */
  evaluated(url: string): void
  readonly meta: ImportMeta
  /** What `document` means in a cell that does not declare it. */
  readonly document: unknown
  /** By the names of `CellScript.moduleNames`. */
  readonly moduleValues: Readonly<Record<string, unknown>>
}

export interface CompiledCell {
  script: CellScript
  magics: MagicCall[]
  /** The script's name in stack traces: in the notebook's folder, so `import('./x')` works. */
  filename: string
  /** The cell as the person typed it. */
  source: string
  /** What errors call it, if not `In [n]`. */
  title?: string
  /**
   * From a position in `script.code` to one in `source`; lines are 1-based, columns 0-based
   * (UTF-16). Undefined for generated text.
   */
  originalPosition(line: number, column: number): { line: number; column: number } | undefined
  /** Last joined line of a statement begun at or above `line`. Parses the cell again. */
  joinedLine(line: number): JoinedLine | undefined
}

/** A line beginning with `[`, `(` or a backtick that continues the one before. 1-based. */
export interface JoinedLine {
  line: number
  mark: string
  /** The line that it continues. */
  before: number
}

/** A cell that does not parse. Nothing of it was run. */
export class CellSyntaxError extends Error {
  override name = 'SyntaxError'
  /** 1-based. */
  readonly line: number
  /** 0-based, UTF-16 units. */
  readonly column: number
  /** The source line with a caret, several lines of text, no colours. */
  readonly frame: string
  constructor(message: string, position: { line: number; column: number; frame: string }) {
    super(message)
    this.line = position.line
    this.column = position.column
    this.frame = position.frame
  }
}

/** A magic line that is not well-formed, or in a place where it cannot run. */
export class CellUsageError extends CellSyntaxError {
  override name = 'UsageError'
}
