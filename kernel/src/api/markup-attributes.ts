// Attributes of elements, under the names that React gives them: `className`, `strokeWidth`, a
// `style` that is an object.
import { Map, Object, Set } from './primordials.ts'
import { escapeText, textOf } from './markup-text.ts'

/** What is no attribute. */
const OTHER = new Set([
  'children',
  'key',
  'ref',
  'dangerouslySetInnerHTML',
  'suppressHydrationWarning',
])

const NAMES = new Map([
  ['className', 'class'],
  ['htmlFor', 'for'],
  ['httpEquiv', 'http-equiv'],
  ['acceptCharset', 'accept-charset'],
  ['crossOrigin', 'crossorigin'],
  ['tabIndex', 'tabindex'],
  ['defaultValue', 'value'],
  ['defaultChecked', 'checked'],
  ['panose1', 'panose-1'],
  ['xmlnsXlink', 'xmlns:xlink'],
])

/** Attributes of SVG with a dash in them; `viewBox` and others have their capitals in SVG too. */
const DASHED = new Set(
  (
    'accentHeight alignmentBaseline arabicForm baselineShift capHeight clipPath clipRule ' +
    'colorInterpolation colorInterpolationFilters colorProfile colorRendering dominantBaseline ' +
    'enableBackground fillOpacity fillRule floodColor floodOpacity fontFamily fontSize ' +
    'fontSizeAdjust fontStretch fontStyle fontVariant fontWeight glyphName ' +
    'glyphOrientationHorizontal glyphOrientationVertical horizAdvX horizOriginX imageRendering ' +
    'letterSpacing lightingColor markerEnd markerMid markerStart overlinePosition ' +
    'overlineThickness paintOrder pointerEvents renderingIntent shapeRendering stopColor ' +
    'stopOpacity strikethroughPosition strikethroughThickness strokeDasharray strokeDashoffset ' +
    'strokeLinecap strokeLinejoin strokeMiterlimit strokeOpacity strokeWidth textAnchor ' +
    'textDecoration textRendering transformOrigin underlinePosition underlineThickness ' +
    'unicodeBidi unicodeRange unitsPerEm vAlphabetic vHanging vIdeographic vMathematical ' +
    'vectorEffect vertAdvY vertOriginX vertOriginY wordSpacing writingMode xHeight'
  ).split(' '),
)

/** Properties of CSS whose numbers have no unit. */
const UNITLESS = new Set(
  (
    'animationIterationCount aspectRatio borderImageOutset borderImageSlice borderImageWidth ' +
    'boxFlex boxFlexGroup boxOrdinalGroup columnCount columns flex flexGrow flexPositive ' +
    'flexShrink flexNegative flexOrder gridArea gridRow gridRowEnd gridRowSpan gridRowStart ' +
    'gridColumn gridColumnEnd gridColumnSpan gridColumnStart fontWeight lineClamp lineHeight ' +
    'opacity order orphans scale tabSize widows zIndex zoom fillOpacity floodOpacity ' +
    'stopOpacity strokeDasharray strokeDashoffset strokeMiterlimit strokeOpacity strokeWidth'
  ).split(' '),
)

/** `true` and `false` are words in these; in others they say whether the attribute is there. */
const WORDS = /^(?:aria-|data-)|^(?:contentEditable|draggable|spellCheck|focusable|preserveAlpha)$/
const NAME = /^[A-Za-z_:][\w:.-]*$/
const PREFIXED = /^(xlink|xml)([A-Z])/

/** As they follow the name of the element, with a blank before each. */
export function attributesOf(type: string, props: Readonly<Record<string, unknown>>): string {
  return Object.keys(props)
    .map((key) => attribute(type, key, props[key]))
    .join('')
}

function attribute(type: string, key: string, value: unknown): string {
  if (value === null || value === undefined || OTHER.has(key) || !NAME.test(key)) return ''
  // A textarea shows its value between its tags.
  if (type === 'textarea' && (key === 'value' || key === 'defaultValue')) return ''
  if (typeof value === 'function' || typeof value === 'symbol') return ''
  const name = attributeName(key)
  if (typeof value === 'boolean') {
    if (WORDS.test(key)) return ` ${name}="${textOf(value)}"`
    return value ? ` ${name}=""` : ''
  }
  if (key === 'style' && typeof value === 'object') {
    const css = styleText(value)
    return css === '' ? '' : ` style="${escapeText(css)}"`
  }
  return ` ${name}="${escapeText(textOf(value))}"`
}

function attributeName(key: string): string {
  const known = NAMES.get(key)
  if (known !== undefined) return known
  if (DASHED.has(key)) return dashed(key)
  return key.replace(PREFIXED, (_, prefix: string, letter: string) => {
    return `${prefix}:${letter.toLowerCase()}`
  })
}

function styleText(style: object): string {
  return Object.entries(style)
    .map(([name, value]: [string, unknown]) => declaration(name, value))
    .filter((text) => text !== '')
    .join(';')
}

function declaration(name: string, value: unknown): string {
  if (value === null || value === undefined || typeof value === 'boolean' || value === '') return ''
  const isCustom = name.startsWith('--')
  const property = isCustom ? name : dashed(name).replace(/^ms-/, '-ms-')
  const hasUnit = typeof value === 'number' && value !== 0 && !isCustom && !UNITLESS.has(name)
  return `${property}:${textOf(value).trim()}${hasUnit ? 'px' : ''}`
}

function dashed(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
}
