// What elements of HTML are, without a style sheet.

const BLOCKS = new Set(
  (
    'address article aside blockquote body caption center dd details dialog dir div dl dt fieldset figcaption figure ' +
    'footer form h1 h2 h3 h4 h5 h6 header hgroup hr html legend li main menu nav ol p pre search section summary table ' +
    'tbody td tfoot th thead tr ul'
  ).split(' '),
)

/** Of drawings; elsewhere the tree has none of them. */
const UNSEEN = new Set(['script', 'style', 'metadata'])

/** Its text is never shown. */
export function isUnseen(name: string): boolean {
  return UNSEEN.has(name)
}

/** It begins on a line of its own. */
export function isBlock(name: string): boolean {
  return BLOCKS.has(name)
}
