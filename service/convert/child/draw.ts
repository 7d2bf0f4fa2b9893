// SVG -> PNG by resvg as WebAssembly: it has no files, no network, no scripts, and only the
// package's fonts, passed as bytes. It can only compute; an SVG that breaks it breaks only its
// memory.
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { initWasm, Resvg } from '@resvg/resvg-wasm'

import { messageOf } from '../../../post/contract/error.ts'
import { MOST_PIXELS_DRAWN } from '../jobs.ts'
import type { Outcome, Picture, PictureLimits } from '../jobs.ts'
import { SvgError } from './safe-svg.ts'

/** Device pixels in a CSS pixel: text stays sharp on dense screens. */
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
const FAMILIES = {
  defaultFontFamily: 'DejaVu Sans',
  sansSerifFamily: 'DejaVu Sans',
  serifFamily: 'DejaVu Serif',
  monospaceFamily: 'DejaVu Sans Mono',
}

let loaded: Promise<Uint8Array[]> | undefined

/** Loads resvg, once. @returns The fonts. */
async function load(): Promise<Uint8Array[]> {
  await initWasm(await readFile(pathOf('@resvg/resvg-wasm/index_bg.wasm')))
  return Promise.all(FONTS.map((name) => readFile(pathOf(`dejavu-fonts-ttf/ttf/${name}.ttf`))))
}

function pathOf(module: string): string {
  return fileURLToPath(import.meta.resolve(module))
}

/**
 * Draws on white at twice its size, or as large as the limits allow.
 *
 * @param svg - From `safeSvg`.
 * @throws {SvgError} if resvg cannot read it.
 * @throws {WebAssembly.RuntimeError} if it broke resvg, which must not be used again.
 */
export async function draw(
  svg: string,
  limits: PictureLimits,
  density = DENSITY,
): Promise<Outcome> {
  const options = {
    background: 'white',
    font: { ...FAMILIES, loadSystemFonts: false, fontBuffers: await (loaded ??= load()) },
  }
  const { width, height } = sizeOf(svg, options)
  const most = Math.min(limits.pixels, MOST_PIXELS_DRAWN)
  let zoom = Math.min(density, Math.sqrt(most / (width * height)) * 0.999)
  // A drawing that becomes less than a pixel high would vanish.
  if (zoom * Math.min(width, height) < 1)
    return { kind: 'refused', why: `its size of ${width} × ${height} cannot be drawn` }
  for (let attempt = 0; attempt < 6; attempt++) {
    const bytes = render(svg, { ...options, fitTo: { mode: 'zoom', value: zoom } })
    if (bytes.byteLength <= limits.bytes) return picture(bytes, zoom)
    zoom *= Math.min(0.8, Math.sqrt(limits.bytes / bytes.byteLength) * 0.95)
  }
  return { kind: 'refused', why: 'it is too large for the chat at any size' }
}

type Options = ConstructorParameters<typeof Resvg>[1]

function sizeOf(svg: string, options: Options): { width: number; height: number } {
  const drawing = parse(svg, options)
  const { width, height } = drawing
  drawing.free()
  return { width, height }
}

function render(svg: string, options: Options): Uint8Array {
  const drawing = parse(svg, options)
  const image = drawing.render()
  const bytes = image.asPng()
  // The garbage collector does not free its memory.
  image.free()
  drawing.free()
  return bytes
}

/** resvg throws its parser's message: `SVG data parsing failed cause unknown token at 1:6`. */
function parse(svg: string, options: Options): InstanceType<typeof Resvg> {
  try {
    return new Resvg(svg, options)
  } catch (error) {
    const said = messageOf(error)
    const parsing = 'SVG data parsing failed cause '
    if (!said.startsWith(parsing)) throw error
    throw new SvgError(`it is no valid SVG (${said.slice(parsing.length)})`)
  }
}

function picture(bytes: Uint8Array, zoom: number): Picture {
  const notes = zoom < 1 ? [`drawn at ${Math.max(1, Math.round(zoom * 100))} % of its size`] : []
  return { kind: 'picture', bytes, extension: 'png', notes }
}
