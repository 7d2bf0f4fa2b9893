// One open bracket of the lexer, and what it must remember to tell a block from an object literal.

export type FrameKind = 'block' | 'object' | 'group' | 'template'

export interface LexerFrame {
  kind: FrameKind
  /** Once closed, a value: a function expression's body, an object literal. */
  isValue: boolean
  /** A `(` whose `)` is followed by a statement: of `if`, `for`, `while`. */
  isHead: boolean
  /** Words and marks since the statement began. */
  tokens: number
  /** Open `?` of conditional expressions. */
  conditionals: number
  inCase: boolean
  /** The `{` to come is the body of a class, interface, enum or namespace. */
  header: 'none' | 'declaration' | 'expression'
  /** The `{` to come is the body of a function expression. */
  functionIsValue: boolean
}

export function newFrame(kind: FrameKind, isValue: boolean): LexerFrame {
  return {
    kind,
    isValue,
    isHead: false,
    tokens: 0,
    conditionals: 0,
    inCase: false,
    header: 'none',
    functionIsValue: false,
  }
}
