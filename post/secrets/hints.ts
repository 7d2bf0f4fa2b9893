// Which hints of secrets a text can have, found in one pass over its pairs of characters. A hundred
// searches, one for each hint, would take most of the time that masking takes.

/** Characters from here on share the pairs of others, so that the table stays small. */
const CODES = 128

/** When a pair was last seen: a table that is emptied by counting on. */
const seenAt = new Uint32Array(CODES * CODES)
let pass = 0

/** Says which hints may be in the text. One that may be there must still be searched. */
export function hintsOf(text: string): (hint: string) => boolean {
  if (pass === 0xffffffff) {
    seenAt.fill(0)
    pass = 0
  }
  pass += 1
  let last = 0
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index) % CODES
    seenAt[last * CODES + code] = pass
    last = code
  }
  const current = pass
  return (hint) => {
    // After another text was looked at, the table says nothing about this one.
    if (hint.length < 2 || pass !== current) return text.includes(hint)
    const pair = (hint.charCodeAt(0) % CODES) * CODES + (hint.charCodeAt(1) % CODES)
    return seenAt[pair] === current && text.includes(hint)
  }
}
