// What the name and the attributes of an element say: whether it is a block, as far as no style
// sheet changes it, and its classes.

const BLOCKS = new Set(
  (
    'address article aside blockquote body caption center dd details dialog dir div dl dt fieldset figcaption figure ' +
    'footer form h1 h2 h3 h4 h5 h6 header hgroup hr html legend li main menu nav ol p pre search section summary table ' +
    'tbody td tfoot th thead tr ul'
  ).split(' '),
)

/** Elements of drawings that are not shown; outside drawings the tree has none of them. */
const UNSEEN = new Set(['script', 'style', 'metadata'])

/** Whether the text of such an element is never shown. */
export function isUnseen(name: string): boolean {
  return UNSEEN.has(name)
}

/** Whether such an element begins on a line of its own. */
export function isBlock(name: string): boolean {
  return BLOCKS.has(name)
}

export function classesOf(attributes: ReadonlyMap<string, string>): string[] {
  return attributes.get('class')?.split(/\s+/) ?? []
}
