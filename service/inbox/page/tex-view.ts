// TeX by KaTeX, which must not link, load or style: `trust` is off, sizes and macro expansions are
// bounded. A formula is drawn when it comes near the window, one at a time between frames. Until
// then, or if KaTeX cannot read it, its source is shown.
import { render } from 'katex'
import type { Allowance } from './allowance.ts'
import { make, makeLater } from './dom.ts'
import { inSlices } from './slices.ts'

/** UTF-16 units drawn without asking: this takes 50 ms, and the time grows faster than the size. */
const MOST_AT_ONCE = 600
/** Longer formulas stay source. */
const MOST = 10_000
/** Short enough to draw before the post is shown, so that a changing post does not flicker. */
const SHORT = 200
/** How near to the window a formula is drawn. */
const NEAR = '400px'

/** What somebody asked to see: it stays when its post changes, which makes the post's view anew. */
const asked = new Set<string>()
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

/** A formula, within a line or on its own (`display`). */
export function texView(tex: string, display: boolean, allowance: Allowance): HTMLElement {
  const source = make('code', { class: 'tex' }, tex)
  const place = make('span', {}, source)
  const draw = () => drawInto(place, tex, display)
  if (tex.length > MOST) return place
  if (asked.has(tex)) draw()
  else if (tex.length > MOST_AT_ONCE || !allowance.takeFormula(tex.length)) {
    const show = makeLater('show the formula', () => '')
    show.addEventListener('click', () => {
      asked.add(tex)
      draw()
    })
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
    return // KaTeX.ParseError, or a RangeError from deep nesting: no TeX that KaTeX knows.
  }
  place.replaceChildren(...drawn.childNodes)
}
