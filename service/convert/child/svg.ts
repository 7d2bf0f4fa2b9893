// SVG of a cell -> PNG. resvg reads local files that an SVG names (measured: `<image href="/etc/x.png">` is drawn), so every address
// but `#id` and inline bitmaps is taken out first. What that leaves out is named.
import { messageOf } from '../../../post/error.ts'
import type { Outcome, PictureLimits } from '../jobs.ts'
import { draw } from './draw.ts'

/** resvg's time grows with the tree; plots of real data stay far below. */
const MOST_CHARACTERS = 10_000_000
/** An attribute's name cannot be spelled with entities, so the text itself is searched, whatever it is part of. */
const HREF = /(href\s*=\s*)(?:"([^"]*)"|'([^']*)')/gi
const HARMLESS = /^(?:#|data:image\/(?:png|jpe?g|gif|webp)[;,]|$)/i
/** Blurs of this many user units and more cost seconds a megapixel. */
const HEAVY_FILTER =
  /<(?:\w+:)?fe(?:GaussianBlur|Morphology|Turbulence|ConvolveMatrix|DropShadow)\b/i

export function drawSvg(source: string, limits: PictureLimits): Outcome {
  if (source.length > MOST_CHARACTERS) {
    return { kind: 'refused', why: `it has more than ${MOST_CHARACTERS / 1e6} million characters` }
  }
  const { svg, problem, notes } = safeSvg(source)
  if (problem !== undefined) return { kind: 'refused', why: problem }
  // Filters cost by the pixel, so what has them is drawn at its own size.
  const outcome = drawn(svg, limits)
  return outcome.kind === 'picture' ? { ...outcome, notes: [...notes, ...outcome.notes] } : outcome
}

/** resvg throws what its parser says: `SVG data parsing failed cause unknown token at 1:6`. */
function drawn(svg: string, limits: PictureLimits): Outcome {
  try {
    return draw(svg, limits, HEAVY_FILTER.test(svg) ? 1 : undefined)
  } catch (error) {
    const [, why] = /^SVG data parsing failed cause (.*)$/.exec(messageOf(error)) ?? []
    if (why === undefined) throw error
    return { kind: 'refused', why: `it is no valid SVG (${why})` }
  }
}

/** The SVG without anything that names another place, and what was taken out or will not show. */
export function safeSvg(source: string): { svg: string; problem?: string; notes: string[] } {
  // An entity could hold an address that the search below cannot see.
  if (/<!ENTITY/i.test(source)) return { svg: '', problem: 'it defines XML entities', notes: [] }
  const notes: string[] = []
  let outside = false
  const svg = withNamespaces(source).replace(
    HREF,
    (whole, name: string, double?: string, single?: string) => {
      if (HARMLESS.test((double ?? single ?? '').trim())) return whole
      outside = true
      return `${name}"#"`
    },
  )
  if (outside && /<(?:\w+:)?(?:image|feImage|use)\b/i.test(source))
    notes.push('without what it loads from other addresses')
  if (/<(?:\w+:)?script\b/i.test(source)) notes.push('without its scripts')
  if (/<(?:\w+:)?foreignObject\b/i.test(source)) notes.push('without the HTML inside it')
  return { svg, notes }
}

/** Plots made by DOM libraries often lack what XML asks for and HTML does not. */
function withNamespaces(source: string): string {
  const start = source.search(/<svg[\s>]/)
  if (start === -1) return source
  const end = source.indexOf('>', start)
  const root = source.slice(start, end)
  const missing = [
    /\sxmlns\s*=/.test(root) ? '' : ' xmlns="http://www.w3.org/2000/svg"',
    /xlink:/.test(source) && !/\sxmlns:xlink\s*=/.test(root)
      ? ' xmlns:xlink="http://www.w3.org/1999/xlink"'
      : '',
  ].join('')
  return `${source.slice(0, start + 4)}${missing}${source.slice(start + 4)}`
}
