// SVG -> PNG by resvg: no scripts, no network, no files, only the fonts shipped with the package. Everything drawn goes through here,
// so the rules for what an SVG may name are stated once.
import { fileURLToPath } from 'node:url'
import { Resvg } from '@resvg/resvg-js'

import { MOST_PIXELS_DRAWN } from '../jobs.ts'
import type { Outcome, Picture, PictureLimits } from '../jobs.ts'

/** Device pixels a CSS pixel: text stays sharp on dense screens. */
const DENSITY = 2
const FONTS = [
  'DejaVuSans',
  'DejaVuSans-Bold',
  'DejaVuSans-Oblique',
  'DejaVuSans-BoldOblique',
  'DejaVuSansMono',
  'DejaVuSansMono-Bold',
  'DejaVuSerif',
  'DejaVuSerif-Bold',
  'DejaVuSerif-Italic',
]

let fontFiles: string[] | undefined

function fonts(): string[] {
  fontFiles ??= FONTS.map((name) =>
    fileURLToPath(import.meta.resolve(`dejavu-fonts-ttf/ttf/${name}.ttf`)),
  )
  return fontFiles
}

/** Draws on white at twice its size, or as large as the limits allow. `svg` must be safe: see `safeSvg`. */
export function draw(svg: string, limits: PictureLimits, density = DENSITY): Outcome {
  const options = {
    background: 'white',
    font: {
      loadSystemFonts: false,
      fontFiles: fonts(),
      defaultFontFamily: 'DejaVu Sans',
      sansSerifFamily: 'DejaVu Sans',
      serifFamily: 'DejaVu Serif',
      monospaceFamily: 'DejaVu Sans Mono',
    },
  }
  const { width, height } = new Resvg(svg, options)
  const most = Math.min(limits.pixels, MOST_PIXELS_DRAWN)
  let zoom = Math.min(density, Math.sqrt(most / (width * height)) * 0.999)
  // A drawing one pixel high would vanish: below this it is no picture of anything.
  if (zoom * Math.min(width, height) < 1)
    return { kind: 'refused', why: `its size of ${width} × ${height} cannot be drawn` }
  for (let attempt = 0; attempt < 6; attempt++) {
    const bytes = new Resvg(svg, { ...options, fitTo: { mode: 'zoom', value: zoom } })
      .render()
      .asPng()
    if (bytes.byteLength <= limits.bytes) return picture(bytes, zoom)
    zoom *= Math.min(0.8, Math.sqrt(limits.bytes / bytes.byteLength) * 0.95)
  }
  return { kind: 'refused', why: 'it is too large for the chat at any size' }
}

function picture(bytes: Uint8Array, zoom: number): Picture {
  const notes = zoom < 1 ? [`drawn at ${Math.max(1, Math.round(zoom * 100))} % of its size`] : []
  return { kind: 'picture', bytes, extension: 'png', notes }
}
