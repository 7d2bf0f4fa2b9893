// A legend of swatches from Observable Plot, a row of tiny drawings with words -> one drawing of
// them all. As separate pictures the swatches would be single dots, each in a message of its own.

/** `<span class="plot-d6a7b5-swatch"><svg …></svg>label</span>`; in columns, two nested `div`. */
const SWATCH = [
  String.raw`<(?:span|div)\s+class="[^"]*-swatch"[^<>]*>\s*`,
  String.raw`<svg((?:\s[^<>]*)?)>((?:[^<]|<(?!\/?svg))*)<\/svg>`,
  String.raw`((?:[^<]|<(?!\/?(?:svg|span\b)|\/div))*)<\/(?:span|div)>`,
].join('')
const SWATCHES = new RegExp(SWATCH, 'g')
const LEGEND = new RegExp(`(?:${SWATCH}\\s*(?:</div>\\s*)?)+`, 'g')

/** In px, from Plot's own styles. */
const FONT = 10
const LETTER = 6.5
const GAP = 6
const LINE = 24
const WIDEST = 640

/** The same HTML with each legend as one inline SVG. */
export function drawnLegends(html: string): string {
  return html.replace(LEGEND, (legend) => {
    let x = 0
    let y = 0
    let width = 0
    const items = Array.from(legend.matchAll(SWATCHES), (item) => {
      const [, root = '', drawing = '', words = ''] = item
      const label = words.replaceAll(/<[^<>]*>/g, '').trim()
      const [own, height] = [sizeOf(root, 'width'), sizeOf(root, 'height')]
      const whole = own + GAP + label.length * LETTER
      if (x > 0 && x + whole > WIDEST) [x, y] = [0, y + LINE]
      const swatch = `<svg x="${x}" y="${y + (LINE - height) / 2}"${root}>${drawing}</svg>`
      const text = `<text x="${x + own + GAP}" y="${y + LINE / 2 + FONT * 0.35}">${label}</text>`
      width = Math.max(width, x + whole)
      x += whole + 2 * GAP
      return swatch + text
    })
    const size = `width="${Math.ceil(width)}" height="${y + LINE}"`
    return `<svg ${size} font-family="sans-serif" font-size="${FONT}">${items.join('')}</svg>`
  })
}

const SIZES = { width: /\swidth="(\d{1,3})"/, height: /\sheight="(\d{1,3})"/ }

function sizeOf(root: string, name: keyof typeof SIZES): number {
  return Number(SIZES[name].exec(root)?.[1] ?? 15)
}
