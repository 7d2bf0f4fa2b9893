// Observable Plot makes a legend as a row of tiny drawings with labels. This joins them in one
// drawing: as one picture each, they would be dots, each alone in its message.
import { svgText, xmlText } from './svg.ts'
import { isElement, textOf } from './tree.ts'
import type { HtmlElement, HtmlNode } from './tree.ts'

/** In px, the same as in Plot's own styles. */
const FONT = 10
const LETTER = 6.5
const GAP = 6
const LINE = 24
const WIDEST = 640

interface Swatch {
  drawing: HtmlElement
  label: string
}

/**
 * Reads an item, `<span class="plot-d6a7b5-swatch"><svg …></svg>label</span>`. In legends with
 * columns it is a `div`, with the label in another `div`.
 */
function swatchOf(node: HtmlNode): Swatch | undefined {
  if (!isElement(node) || (node.name !== 'span' && node.name !== 'div')) return undefined
  if (!(node.attributes.get('class') ?? '').endsWith('-swatch')) return undefined
  const [drawing, ...others] = node.children.filter((child) => isElement(child) || !isBlank(child))
  if (!drawing || !isElement(drawing) || drawing.name !== 'svg') return undefined
  return { drawing, label: others.map(textOf).join('').replace(/\s+/g, ' ').trim() }
}

/**
 * The legend that begins at this child of a node, as an SVG, and its number of children; undefined
 * if none begins there.
 */
export function legendAt(
  children: readonly HtmlNode[],
  start: number,
): { svg: string; length: number } | undefined {
  const swatches: Swatch[] = []
  let length = 0
  for (let at = start; at < children.length; at++) {
    const child = children[at]
    const swatch = child && swatchOf(child)
    if (swatch) {
      swatches.push(swatch)
      length = at - start + 1
    } else if (!child || swatches.length === 0 || !isBlank(child)) break
  }
  return length === 0 ? undefined : { svg: legend(swatches), length }
}

function isBlank(node: HtmlNode): boolean {
  return !isElement(node) && node.text.trim() === ''
}

function legend(swatches: readonly Swatch[]): string {
  let x = 0
  let y = 0
  let width = 0
  const items = swatches.map(({ drawing, label }) => {
    const [own, height] = [sizeOf(drawing, 'width'), sizeOf(drawing, 'height')]
    const whole = own + GAP + label.length * LETTER
    if (x > 0 && x + whole > WIDEST) [x, y] = [0, y + LINE]
    const swatch = svgText(drawing, ` x="${x}" y="${y + (LINE - height) / 2}"`)
    const place = `x="${x + own + GAP}" y="${y + LINE / 2 + FONT * 0.35}"`
    width = Math.max(width, x + whole)
    x += whole + 2 * GAP
    return `${swatch}<text ${place}>${xmlText(label)}</text>`
  })
  const size = `width="${Math.ceil(width)}" height="${y + LINE}"`
  return `<svg ${size} font-family="sans-serif" font-size="${FONT}">${items.join('')}</svg>`
}

function sizeOf({ attributes }: HtmlElement, name: 'width' | 'height'): number {
  const size = attributes.get(name) ?? ''
  return /^\d{1,3}$/.test(size) ? Number(size) : 15
}
