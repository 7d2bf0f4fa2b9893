// What a browser does not show of HTML although it is there: nothing of it is read, so it is not
// sent either. `aria-hidden` hides nothing: it is for screen readers, and KaTeX sets it on formulas
// that everybody else sees. Rules of style sheets are not read.
import { classesOf } from './elements.ts'

/** Elements that are left out, with everything in them. A chat cannot use a form's controls. */
const NEVER_SHOWN = new Set(
  (
    'script style head title template noscript noframes noembed canvas area datalist rp ' +
    'button input select textarea option progress meter'
  ).split(' '),
)
/** What a browser shows in their place if it cannot show them is no content either. */
const REPLACED = new Set(['iframe', 'object', 'embed'])
/** Classes of text for screen readers, which repeats what is seen, and of HoloViews' own logo. */
const UNSEEN_CLASSES = new Set(['sr-only', 'visually-hidden', 'logo-block'])
/**
 * The end of a class: scikit-learn and xarray show such an element where their style sheet does not
 * apply. Then the rest of their HTML is hidden.
 */
const FALLBACK = 'text-repr-fallback'
/** What libraries say to somebody who sees HTML without its scripts. */
const HOW_TO_SEE = new Set([
  'Make this Notebook Trusted to load map: File -> Trust Notebook',
  'Loading BokehJS ...',
])
const HOW_TO_SEE_LINK = 'https://itables.org/fallbacks/'

type Attributes = ReadonlyMap<string, string>

/** @param name - In lower case, as the names of the attributes. */
export function isHidden(name: string, attributes: Attributes): boolean {
  return (
    NEVER_SHOWN.has(name) ||
    attributes.has('hidden') ||
    attributes.has('popover') ||
    (name === 'dialog' && !attributes.has('open')) ||
    (name === 'a' && (attributes.get('href') ?? '').startsWith(HOW_TO_SEE_LINK)) ||
    classesOf(attributes).some((one) => UNSEEN_CLASSES.has(one)) ||
    isStyledAway(attributes.get('style'))
  )
}

/**
 * The name of the only children of an element that are shown, without the text beside them; empty
 * if none are, undefined if all are.
 */
export function onlyShown(name: string, attributes: Attributes): string | undefined {
  if (name === 'details' && !attributes.has('open')) return 'summary'
  if (name === 'audio' || name === 'video') return 'source'
  if (REPLACED.has(name)) return ''
  const isFallback = name !== 'pre' && classesOf(attributes).some((one) => one.endsWith(FALLBACK))
  return isFallback ? 'pre' : undefined
}

/** Whether this text only says how to see the HTML that it stands in. */
export function isHowToSee(text: string): boolean {
  return HOW_TO_SEE.has(text.trim())
}

/** The last declaration of a property counts, as in a browser. */
function isStyledAway(style: string | undefined): boolean {
  if (style === undefined) return false
  const values = new Map<string, string>()
  for (const declaration of style.toLowerCase().split(';')) {
    const colon = declaration.indexOf(':')
    const [value = ''] = declaration.slice(colon + 1).split('!')
    if (colon !== -1) values.set(declaration.slice(0, colon).trim(), value.trim())
  }
  return (
    values.get('display') === 'none' ||
    /^(?:hidden|collapse)$/.test(values.get('visibility') ?? '') ||
    values.get('content-visibility') === 'hidden'
  )
}
