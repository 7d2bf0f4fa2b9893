// One open bracket of the lexer, with what tells a block from an object literal.

export type FrameKind = 'block' | 'object' | 'group' | 'template'

export interface LexerFrame {
  kind: FrameKind
  /** Is a value once closed: a function expression's body, an object literal. */
  isValue: boolean
  /** A `(` of `if`, `for` or `while`: a statement follows its `)`. */
  isHead: boolean
  /** Words and marks since the statement began. */
  tokens: number
  /** Open `?` of conditional expressions. */
  conditionals: number
  inCase: boolean
  /** The next `{` begins the body of a class, interface, enum or namespace. */
  header: 'none' | 'declaration' | 'expression'
  /** The next `{` begins the body of a function expression. */
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
