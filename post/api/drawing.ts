// Finds the drawing in what a plot library returns: SVG text, or HTML with several SVGs, the small
// ones being legends. Runs beside user code, so it relies on no global.
import { Number } from '../contract/primordials.ts'
import { svgTags } from '../text/svg-tags.ts'

/** The largest SVG in the text; undefined if the text does not begin like one. */
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
  // An SVG that is not closed is passed on: drawing it fails with the reason.
  return largest ?? text.slice(text.search(/<svg[\s>]/i))
}

/** In square pixels, from its attributes; a side without a size counts as 300. */
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
