// A cell's SVG -> PNG. It is made safe first; what that leaves out is named.
import type { Outcome, PictureLimits } from '../jobs.ts'
import { draw } from './draw.ts'
import { safeSvg, SvgError } from './safe-svg.ts'

/** resvg's time grows with the tree; plots of real data stay far below this. */
const MOST_CHARACTERS = 10_000_000

export async function drawSvg(source: string, limits: PictureLimits): Promise<Outcome> {
  if (source.length > MOST_CHARACTERS) {
    return { kind: 'refused', why: `it has more than ${MOST_CHARACTERS / 1e6} million characters` }
  }
  try {
    const { svg, notes, isHeavy } = safeSvg(source)
    // Filters cost time for each pixel, so a drawing with filters is drawn at its own size.
    const outcome = await draw(svg, limits, isHeavy ? 1 : undefined)
    return outcome.kind === 'picture'
      ? { ...outcome, notes: [...notes, ...outcome.notes] }
      : outcome
  } catch (error) {
    if (error instanceof SvgError) return { kind: 'refused', why: error.message }
    throw error
  }
}
