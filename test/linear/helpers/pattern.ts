// A regular expression and where it stands, in any of the project's languages, in JavaScript's syntax.

export interface Pattern {
  /** Path in the clone, and line. */
  place: string
  source: string
  /** Of JavaScript. */
  flags: string
}
