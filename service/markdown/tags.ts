// Tags in markdown. What HTML does not know, like `List<int>`, is text; some elements have another
// name for the reader of HTML.

const KNOWN = new Set(
  `a abbr address article aside audio b bdi bdo big blockquote br button caption center cite code col
colgroup dd del details dfn div dl dt em figcaption figure font footer form h1 h2 h3 h4 h5 h6 header
hr i iframe img input ins kbd label legend li main mark math nav noscript object ol option p picture
pre q s samp script section select small source span strike strong style sub summary sup svg table
tbody td template textarea tfoot th thead time tr track tt u ul var video wbr`.split(/\s+/),
)
const VOID = new Set('br hr img input wbr source track col'.split(' '))
const CLOSING = /<\/([A-Za-z][A-Za-z\d]{0,20})/g
/** The tag's name, or `!` of a comment and `?` of an instruction. */
const NAME = /^<\/?([A-Za-z][A-Za-z\d]*|[!?])/
const RENAMED = /<(\/?)(details|summary|kbd|samp|tt)(?:\s[^<>]*)?>/gi
const OTHER: Readonly<Record<string, readonly [start: string, end: string]>> = {
  // Unfolded: a chat cannot fold anything.
  details: ['<div>', '</div>'],
  summary: ['<div><b>', '</b></div>'],
  kbd: ['<code>', '</code>'],
  samp: ['<code>', '</code>'],
  tt: ['<code>', '</code>'],
}

/** The tags of one text. */
export class Tags {
  readonly #closed: ReadonlySet<string>

  constructor(text: string) {
    const ends = text.matchAll(CLOSING)
    this.#closed = new Set(Array.from(ends, ([, name = '']) => name.toLowerCase()))
  }

  /** Whether the block begins with a tag of HTML, or a comment. */
  isBlock(html: string): boolean {
    const name = nameOf(html)
    return name === '!' || name === '?' || KNOWN.has(name)
  }

  /** The same for what is inside a line. A tag that nothing closes is text: `a<b>c`. */
  isInline(html: string): boolean {
    if (!this.isBlock(html)) return false
    const name = nameOf(html)
    return !KNOWN.has(name) || VOID.has(name) || this.#closed.has(name)
  }
}

function nameOf(html: string): string {
  return NAME.exec(html.trimStart())?.[1]?.toLowerCase() ?? ''
}

export function renamedTags(html: string): string {
  return html.replaceAll(RENAMED, (tag, slash: string, name: string) => {
    const [start, end] = OTHER[name.toLowerCase()] ?? [tag, tag]
    return slash === '/' ? end : start
  })
}
