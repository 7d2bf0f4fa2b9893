// What a person or a mounted secret gives for a token or an address, as it is sent.

/** Without blanks and line ends around it: a mounted secret ends in one. Undefined if empty. */
export function trimmed(text: string | undefined): string | undefined {
  return text?.trim() || undefined
}

/** Whether a header can carry it: fetch refuses others with an error that shows the token. */
export function isToken(text: string): boolean {
  return /^[\x21-\x7e]+$/.test(text)
}
