// Which elements of HTML are blocks, as far as no style sheet changes it.

const BLOCKS = new Set(
  (
    'address article aside blockquote body caption center dd details dialog dir div dl dt fieldset figcaption figure ' +
    'footer form h1 h2 h3 h4 h5 h6 header hgroup hr html legend li main menu nav ol p pre search section summary table ' +
    'tbody td tfoot th thead tr ul'
  ).split(' '),
)

/** Whether such an element begins on a line of its own. */
export function isBlock(name: string): boolean {
  return BLOCKS.has(name)
}
