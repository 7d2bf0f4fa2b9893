// The words of a magic's line, and the place of each in it.

export interface Token {
  /** Without quotes around it. */
  text: string
  start: number
  end: number
}

/**
 * Words are separated by blanks. Quotes hold a word together only if they surround all of it:
 * `don't` is a word.
 */
export function tokenize(line: string): Token[] {
  const tokens: Token[] = []
  for (const match of line.matchAll(/(--?[\w-]+=)?(?:"([^"]*)"|'([^']*)')(?=\s|$)|\S+/g)) {
    const [whole, name = '', double, single] = match
    const quoted = double ?? single
    tokens.push({
      text: quoted === undefined ? whole : name + quoted,
      start: match.index,
      end: match.index + whole.length,
    })
  }
  return tokens
}

/** The token with its quotes, as typed. */
export function typed(line: string, { start, end }: Token): string {
  return line.slice(start, end)
}

/** The text of the tokens as typed, with the blanks between neighbours. */
export function joined(line: string, tokens: readonly Token[]): string {
  let text = ''
  let previous: Token | undefined
  for (const token of tokens) {
    const between = previous === undefined ? '' : line.slice(previous.end, token.start)
    text += (between.trim() === '' ? between : ' ') + typed(line, token)
    previous = token
  }
  return text
}
