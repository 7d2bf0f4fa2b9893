// TeX by KaTeX, which may not link, load or style: `trust` off, sizes and macro expansions bounded. A formula is drawn when it comes near
// the window, one after the other between frames; until then, and if KaTeX cannot read it, its source is shown.
import { render } from 'katex'
import type { Allowance } from './allowance.ts'
import { make, makeLater } from './dom.ts'
import { inSlices } from './slices.ts'

/** UTF-16 units. KaTeX and the browser take 50 ms for so many, and grow faster than they do. */
const MOST_AT_ONCE = 600
/** Longer ones stay source. */
const MOST = 10_000
/** So short that a post may have them drawn before it is shown: it does not flicker when it changes. */
const SHORT = 200
/** How near to the window. */
const NEAR = '400px'

const waiting = new WeakMap<Element, () => void>()
const near = new IntersectionObserver(
  (entries) => {
    for (const { target, isIntersecting } of entries) {
      if (!isIntersecting) continue
      near.unobserve(target)
      const draw = waiting.get(target)
      if (!draw) continue
      inSlices(() => {
        draw()
        return false
      })
    }
  },
  { rootMargin: NEAR },
)

/** A formula, in a line or on its own (`display`). */
export function texView(tex: string, display: boolean, allowance: Allowance): HTMLElement {
  const source = make('code', { class: 'tex' }, tex)
  const place = make('span', {}, source)
  const draw = () => drawInto(place, tex, display)
  if (tex.length > MOST) return place
  if (tex.length > MOST_AT_ONCE || !allowance.takeFormula(tex.length)) {
    const show = makeLater('show the formula', () => '')
    show.addEventListener('click', draw)
    place.append(' ', show)
  } else if (tex.length <= SHORT && allowance.take('shortTex', tex.length)) draw()
  else {
    waiting.set(place, draw)
    near.observe(place)
  }
  return place
}

function drawInto(place: HTMLElement, tex: string, display: boolean): void {
  const drawn = document.createElement('span')
  try {
    render(tex, drawn, {
      displayMode: display,
      throwOnError: true,
      trust: false,
      maxSize: 50,
      maxExpand: 1000,
      strict: 'ignore',
    })
  } catch {
    return // KaTeX.ParseError, or a RangeError of deep nesting: not TeX that KaTeX knows.
  }
  place.replaceChildren(...drawn.childNodes)
}

const AROUND = [
  ['$$', '$$'],
  ['\\[', '\\]'],
  ['\\(', '\\)'],
  ['$', '$'],
] as const

/** TeX without the dollars or brackets around it. */
export function bareTex(text: string): string {
  const tex = text.trim()
  for (const [start, end] of AROUND)
    if (tex.length >= start.length + end.length && tex.startsWith(start) && tex.endsWith(end))
      return tex.slice(start.length, -end.length).trim()
  return tex
}
