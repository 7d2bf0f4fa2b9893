// The words and marks that the lexer tells apart; it takes all others for names or signs.

export const word = /[\p{ID_Start}$_#\\][\p{ID_Continue}$\\\u200c\u200d]*/uy
export const number =
  /(?:0[xob][\da-f_]+|(?:\d[\d_]*(?:\.[\d_]*)?|\.\d[\d_]*)(?:e[+-]?[\d_]+)?)n?/iy
/** What ends a string, or an escape after which the string goes on. */
export const stringEnd = {
  double: /\\(?:\r\n|[^])|["\n\r]/g,
  single: /\\(?:\r\n|[^])|['\n\r]/g,
}
export const lineEnd = /[\n\r\u2028\u2029]/g
export const lineEndCharacters = '\n\r\u2028\u2029'
export const blank = /[^\S\n\r\u2028\u2029]*/y
export const operators = new Set(
  'return throw typeof delete void new in of instanceof await yield case extends default as satisfies'.split(
    ' ',
  ),
)
export const heads = new Set(['if', 'for', 'while', 'with'])
export const bodies = new Set(['else', 'do'])
export const blockWords = new Set(['try', 'finally'])
export const endsLine = new Set(['return', 'break', 'continue', 'debugger'])
export const contextual = new Set(['interface', 'enum', 'namespace', 'module', 'global'])
