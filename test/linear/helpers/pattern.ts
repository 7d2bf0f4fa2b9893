// A regular expression and its place, from any of the project's languages, in JavaScript's syntax.

export interface Pattern {
  /** Path in the clone, and line. */
  place: string
  source: string
  /** As in JavaScript. */
  flags: string
}
