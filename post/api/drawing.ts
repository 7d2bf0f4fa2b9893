// The drawing in what a plot library gives: SVG text, or HTML with one or several SVGs, of which legends are small. Runs beside user code:
// it relies on no global.
import { Number } from '../contract/primordials.ts'
import { svgTags } from '../text/svg-tags.ts'

/** The largest SVG of a text, whole; undefined if there is none at its beginning. */
export function drawingOf(text: string): string | undefined {
  if (!/<svg[\s>]/i.test(text.slice(0, 4096))) return undefined
  let largest: string | undefined
  let depth = 0
  let start = 0
  for (const tag of svgTags(text)) {
    if (tag.kind === 'opening' && depth++ === 0) start = tag.start
    if (tag.kind !== 'closing' || depth === 0 || --depth > 0) continue
    const svg = text.slice(start, tag.end)
    if (largest === undefined || areaOf(svg) > areaOf(largest)) largest = svg
  }
  // One that is not closed is refused by who draws it, with the reason.
  return largest ?? text.slice(text.search(/<svg[\s>]/i))
}

/** In px, by its own word; without one it is as large as its page lets it. */
function areaOf(svg: string): number {
  const root = svg.slice(0, svg.indexOf('>'))
  const box = /\sviewBox\s*=\s*["']([^"']{1,100})/i.exec(root)?.[1] ?? ''
  const [, , width, height] = box.trim().split(/[\s,]+/)
  const side = (name: RegExp, other: string | undefined) =>
    Number(name.exec(root)?.[1] ?? other ?? 300)
  return (
    side(/\swidth\s*=\s*["']([\d.]+)(?:px)?["']/i, width) *
    side(/\sheight\s*=\s*["']([\d.]+)(?:px)?["']/i, height)
  )
}
