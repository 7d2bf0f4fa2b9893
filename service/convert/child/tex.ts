// A formula -> PNG by MathJax: black on white with a margin, so that it can be read in a dark chat.
// TeX that MathJax does not know is refused and stays source; nobody wants a picture of an error.
import MathJax, { init } from 'mathjax'

import type { Outcome, PictureLimits } from '../jobs.ts'
import { withoutRequire } from './require.ts'
import { drawSvg } from './svg.ts'

/** MathJax itself limits macros; its time grows with the length. */
const MOST_CHARACTERS = 10_000
const MOST_MACROS = 1000
/** CSS pixels in an em: as large as the text around it. */
const EM = 16
/** Thousandths of an em. */
const MARGIN = 500
/** Loaded in full: formulas load nothing, and none of these links, styles or runs anything. */
const EXTENSIONS =
  'ams amscd bbox begingroup boldsymbol braket cancel cases centernot color empheq enclose extpfeil gensymb mathtools mhchem newcommand textcomp textmacros units upgreek verb'.split(
    ' ',
  )

let ready: Promise<unknown> | undefined

export async function drawTex(typed: string, limits: PictureLimits): Promise<Outcome> {
  const tex = withoutRequire(typed)
  if (tex.length > MOST_CHARACTERS)
    return { kind: 'refused', why: `it has more than ${MOST_CHARACTERS} characters` }
  if (tex.trim() === '') return { kind: 'refused', why: 'it shows nothing' }
  ready ??= init({
    loader: {
      load: ['input/tex-base', 'output/svg', ...EXTENSIONS.map((name) => `[tex]/${name}`)],
    },
    tex: { packages: ['base', ...EXTENSIONS], maxMacros: MOST_MACROS, maxBuffer: MOST_CHARACTERS },
    svg: { fontCache: 'none' },
    startup: { typeset: false },
  })
  await ready
  // Its labels are unknown to the next one too.
  MathJax.texReset()
  // A fresh sandbox for each: definitions in one person's formula are unknown to the next.
  const node = await MathJax.tex2svgPromise(`\\begingroupSandbox ${tex}`, {
    display: true,
  })
  const html = MathJax.startup.adaptor.outerHTML(node)
  const error = /data-mjx-error="([^"]*)"/.exec(html)?.[1]
  if (error !== undefined) return { kind: 'refused', why: error }
  const svg = standalone(html)
  if (svg === undefined) return { kind: 'refused', why: 'it has no size' }
  return drawSvg(svg, limits)
}

/** The drawing inside MathJax's container, with a size in pixels and a margin. */
function standalone(html: string): string | undefined {
  const start = html.indexOf('<svg')
  const end = html.lastIndexOf('</svg>')
  const inner = html.slice(start, end + '</svg>'.length)
  const box = /viewBox="([-\d.]+) ([-\d.]+) ([-\d.]+) ([-\d.]+)"/.exec(inner)
  if (start === -1 || !box) return undefined
  const [x = 0, y = 0, width = 0, height = 0] = box.slice(1).map(Number)
  if (width <= 0 || height <= 0) return undefined
  const padded = [x - MARGIN, y - MARGIN, width + 2 * MARGIN, height + 2 * MARGIN] as const
  const root = `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" color="black"
 width="${pixels(padded[2])}" height="${pixels(padded[3])}" viewBox="${padded.join(' ')}">`
  return root + inner.slice(inner.indexOf('>') + 1)
}

/** @param units - Thousandths of an em. */
function pixels(units: number): string {
  return ((units / 1000) * EM).toFixed(2)
}
