// The `${expr}` parts of a magic's text. TypeScript decides what is an expression. TeX like `$x$`
// and `${}^{14}C$` stays text, `\${` is a literal `${`; any other `${...}` is refused.
import { parseTypeScript } from './parse.ts'

export interface Fill {
  /** Offsets of the expression in the text. */
  start: number
  end: number
  /** The expression contains `await`, so its thunk is async. */
  isAsync: boolean
}

export interface Interpolation {
  /** Text around the fills: fills.length + 1 pieces; `\${` is already `${`. */
  pieces: string[]
  fills: Fill[]
}

/** A `${...}` that contains no expression; `offset` is that of its `$`. */
export class InterpolationError extends Error {
  override name = 'InterpolationError'
  readonly offset: number
  constructor(message: string, offset: number) {
    super(message)
    this.offset = offset
  }
}

/** Ends tried for one `${`: no line that a person typed has more closing braces. */
const mostEnds = 200
/** Characters of one expression: no line that a person typed is longer. */
const longest = 20_000
/** How many characters of it a refusal shows. */
const mostShown = 200
/** What an f-string of Python takes after an expression: `${loss:.3f}`, `${name!r}`. */
const PYTHON_FORMAT = /^\$\{[^{}:!]+(?:![rsa](?::[^{}:\s]*)?|:[^{}:\s]*)\}$/
const FORMAT_HINT =
  ' Formats after a colon or an exclamation mark are Python: call a method, as in `${loss.toFixed(3)}`.'

export function interpolation(text: string): Interpolation {
  const pieces: string[] = []
  const fills: Fill[] = []
  let piece = ''
  let offset = 0
  while (offset < text.length) {
    const found = text.indexOf('${', offset)
    if (found < 0) break
    const isEscaped = found > offset && text[found - 1] === '\\'
    piece += text.slice(offset, isEscaped ? found - 1 : found)
    const empty = /^\$\{\s*\}/.exec(text.slice(found, found + mostEnds))
    if (isEscaped || empty) {
      const literal = isEscaped ? '${' : (empty?.[0] ?? '')
      piece += literal
      offset = found + literal.length
      continue
    }
    const fill = fillAt(text, found + 2)
    if (!fill) throw new InterpolationError(refusal(text, found), found)
    pieces.push(piece)
    fills.push(fill)
    piece = ''
    offset = fill.end + 1
  }
  return { pieces: [...pieces, piece + text.slice(offset)], fills }
}

function fillAt(text: string, start: number): Fill | undefined {
  let end = text.indexOf('}', start)
  for (let tries = 0; end >= 0 && tries < mostEnds; tries++) {
    if (end - start > longest) return undefined
    const expression = text.slice(start, end)
    if (isExpression('()=>(', expression)) return { start, end, isAsync: false }
    if (isExpression('async()=>(', expression)) return { start, end, isAsync: true }
    end = text.indexOf('}', end + 1)
  }
  return undefined
}

/** Whether the text is one expression inside the parentheses: `a) + (b` is not. */
export function isExpression(head: string, text: string): boolean {
  const { program, errors } = parseTypeScript(`${head}${text}\n)`)
  const [statement] = program.body
  if (errors.length > 0 || program.body.length !== 1) return false
  if (statement?.type !== 'ExpressionStatement') return false
  const { expression } = statement
  return (
    expression.type === 'ArrowFunctionExpression' &&
    expression.body.type === 'ParenthesizedExpression' &&
    expression.body.start === head.length - 1 &&
    expression.body.end === head.length + text.length + 2
  )
}

function refusal(text: string, offset: number): string {
  const end = text.indexOf('}', offset)
  const whole = end < 0 ? text.slice(offset) : text.slice(offset, end + 1)
  const shown = whole.length > mostShown ? `${whole.slice(0, mostShown)}…` : whole
  const what = end < 0 ? 'is never closed' : 'holds no valid expression'
  const hint = end >= 0 && PYTHON_FORMAT.test(whole) ? FORMAT_HINT : ''
  return `\`${shown}\` ${what}.${hint} To have \`\${\` as text, write \`\\\${\``
}
