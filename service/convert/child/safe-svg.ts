// A cell's SVG -> an SVG that can name nothing but its own parts, written anew from what an XML
// parser read: elements and attributes that draw, references to `#id`, inline bitmaps of bounded
// size. Anything unknown is left out.
import { SaxesParser } from 'saxes'

import { messageOf } from '../../../post/contract/error.ts'
import { bitmapSize } from './bitmap-size.ts'
import { safeCss } from './safe-css.ts'

export interface SafeSvg {
  svg: string
  /** What was taken out, in words. */
  notes: string[]
  /** It has filters that take time in proportion to the pixels and to their own settings. */
  isHeavy: boolean
}

/** The SVG cannot be drawn; the message is a clause that says why. */
export class SvgError extends Error {
  override name = 'SvgError'
}

const SVG = 'http://www.w3.org/2000/svg'
const XLINK = 'http://www.w3.org/1999/xlink'
/** Deeper trees overflow a stack in some library. */
const MOST_DEPTH = 1000
/** Honest documents have three. */
const MOST_PREFIXES = 20
/** Pixels of all inline bitmaps of a drawing: each takes four bytes when decoded. */
const MOST_PIXELS_INSIDE = 25_000_000

/** What resvg draws (SVG 1.1 and 2 without animation, scripts, fonts and foreign content). */
const DRAWN = new Set(
  `svg g defs symbol use switch a style title desc path rect circle ellipse line polyline polygon image
text tspan tref textPath linearGradient radialGradient stop pattern clipPath mask marker filter
feBlend feColorMatrix feComponentTransfer feComposite feConvolveMatrix feDiffuseLighting
feDisplacementMap feDistantLight feDropShadow feFlood feFuncA feFuncB feFuncG feFuncR feGaussianBlur
feImage feMerge feMergeNode feMorphology feOffset fePointLight feSpecularLighting feSpotLight feTile
feTurbulence`.split(/\s+/),
)
/** Blurs of 500 user units and more take seconds for a megapixel. */
const HEAVY = new Set(
  'feGaussianBlur feMorphology feTurbulence feConvolveMatrix feDropShadow'.split(' '),
)
/** These load their address when drawn; a link's address is only followed. */
const LOADS = new Set(['image', 'feImage', 'use', 'tref'])
const BITMAPS = new Set(['image', 'feImage'])
const PICTURE = /^data:image\/(?!svg)/i
const BITMAP = /^data:image\/(?:png|jpe?g|gif);base64,/i
/** Attributes that draw nothing: event handlers, addresses (except `href`), words for programs. */
const NEVER = /^(?:on.*|src|href|base|xmlns|role|aria-.*|data-.*)$/i

/** @throws {SvgError} if it is not SVG, nests too deeply or defines entities. */
export function safeSvg(source: string): SafeSvg {
  return new SvgWriter().write(source)
}

class SvgWriter {
  readonly #written: string[] = []
  /** For each open element its namespaces by prefix; shared with its parent if it declares none. */
  readonly #scopes: Array<ReadonlyMap<string, string>> = [
    new Map([
      ['', SVG],
      ['xlink', XLINK],
    ]),
  ]
  /** Open elements from the topmost one that is left out. */
  #skipped = 0
  #styleText: string[] | undefined
  #pixels = 0
  #isHeavy = false
  #hasRoot = false
  readonly #left = { outside: false, scripts: false, html: false, pictures: false }

  write(source: string): SafeSvg {
    const parser = new SaxesParser({ xmlns: false, position: true })
    parser.on('error', (error) => {
      throw new SvgError(`it is no valid SVG (${messageOf(error)})`)
    })
    parser.on('doctype', (doctype) => {
      // An entity that is more than a character could stand for anything, even gigabytes.
      if (/<!ENTITY/i.test(doctype)) throw new SvgError('it defines XML entities')
    })
    parser.on('opentag', ({ name, attributes }) => this.#open(name, attributes))
    parser.on('closetag', ({ name }) => this.#close(name))
    parser.on('text', (text) => this.#text(text))
    parser.on('cdata', (text) => this.#text(text))
    parser.write(source).close()
    return { svg: this.#written.join(''), notes: this.#notes(), isHeavy: this.#isHeavy }
  }

  #notes(): string[] {
    const { outside, scripts, html, pictures } = this.#left
    return [
      outside ? 'without what it loads from other addresses' : '',
      pictures
        ? `without pictures inside it other than PNG, JPEG and GIF of up to ${MOST_PIXELS_INSIDE / 1e6} million pixels`
        : '',
      scripts ? 'without its scripts' : '',
      html ? 'without the HTML inside it' : '',
    ].filter((note) => note !== '')
  }

  #open(name: string, attributes: Record<string, string>): void {
    if (this.#scopes.length > MOST_DEPTH)
      throw new SvgError(`it reaches the nodes limit: more than ${MOST_DEPTH} inside each other`)
    const scope = scopeOf(this.#scopes.at(-1), attributes)
    this.#scopes.push(scope)
    const local = localName(name)
    const isSvg = scope.get(prefixOf(name)) === SVG
    if (!this.#hasRoot && !(isSvg && local === 'svg')) throw new SvgError('it is no SVG')
    if (this.#skipped > 0 || this.#styleText || !isSvg || !DRAWN.has(local)) {
      if (local === 'script') this.#left.scripts = true
      if (local === 'foreignObject') this.#left.html = true
      this.#skipped++
      return
    }
    if (HEAVY.has(local)) this.#isHeavy = true
    const own = this.#attributes(local, attributes, scope)
    this.#written.push(`<${local}${this.#hasRoot ? '' : ` xmlns="${SVG}"`}${own}>`)
    this.#hasRoot = true
    if (local === 'style') this.#styleText = []
  }

  #close(name: string): void {
    this.#scopes.pop()
    if (this.#skipped > 0) {
      this.#skipped--
      return
    }
    if (this.#styleText) {
      this.#written.push(escapeXml(this.#css(this.#styleText.join(''))))
      this.#styleText = undefined
    }
    this.#written.push(`</${localName(name)}>`)
  }

  #text(text: string): void {
    if (this.#skipped > 0 || !this.#hasRoot || this.#scopes.length === 1) return
    if (this.#styleText) this.#styleText.push(text)
    else this.#written.push(escapeXml(text))
  }

  #attributes(
    element: string,
    attributes: Record<string, string>,
    scope: ReadonlyMap<string, string>,
  ): string {
    const kept: string[] = []
    let reference: string | undefined
    for (const [name, value] of Object.entries(attributes)) {
      const prefix = prefixOf(name)
      const isOfXlink = prefix !== '' && scope.get(prefix) === XLINK
      if (localName(name) === 'href' && (prefix === '' || isOfXlink))
        // SVG 2 takes precedence over XLink.
        reference = prefix === '' ? value : (reference ?? value)
      else if (name === 'xml:space' || (prefix === '' && !NEVER.test(name)))
        kept.push(` ${name}="${escapeXml(/[(\\@]/.test(value) ? this.#css(value) : value)}"`)
    }
    const href = reference === undefined ? undefined : this.#href(element, reference.trim())
    if (href !== undefined) kept.push(` href="${escapeXml(href)}"`)
    return kept.join('')
  }

  /** What an element may refer to; undefined to leave it out. */
  #href(element: string, address: string): string | undefined {
    if (address.startsWith('#')) return address
    if (BITMAPS.has(element) && PICTURE.test(address)) return this.#bitmap(address)
    if (LOADS.has(element) && address !== '') this.#left.outside = true
    return undefined
  }

  #bitmap(address: string): string | undefined {
    const size = BITMAP.test(address)
      ? bitmapSize(Buffer.from(address.slice(address.indexOf(',') + 1), 'base64'))
      : undefined
    if (size && (this.#pixels += size.width * size.height) <= MOST_PIXELS_INSIDE) return address
    this.#left.pictures = true
    return undefined
  }

  #css(text: string): string {
    const { css, outside } = safeCss(text)
    if (outside) this.#left.outside = true
    return css
  }
}

/** The namespaces inside an element. Printed DOM trees often lack those of SVG and XLink. */
function scopeOf(
  outer: ReadonlyMap<string, string> = new Map(),
  attributes: Record<string, string>,
): ReadonlyMap<string, string> {
  const declared = Object.entries(attributes)
    .filter(([name]) => name === 'xmlns' || name.startsWith('xmlns:'))
    .map(([name, uri]) => [name.slice('xmlns:'.length), uri] as const)
    // Others mean nothing here, unless they redefine a prefix that does.
    .filter(([prefix, uri]) => uri === SVG || uri === XLINK || outer.has(prefix))
  if (declared.length === 0) return outer
  const scope = new Map([...outer, ...declared])
  if (scope.size > MOST_PREFIXES) throw new SvgError('it names one namespace too often')
  return scope
}

function prefixOf(name: string): string {
  const colon = name.indexOf(':')
  return colon === -1 ? '' : name.slice(0, colon)
}

function localName(name: string): string {
  return name.slice(name.indexOf(':') + 1)
}

const MARKUP = /[&<>"\n\t\r]/g

/** As a character reference (XML 1.0, 4.1); white space too, which attributes would lose. */
function escapeXml(text: string): string {
  return text.replace(MARKUP, (character) => `&#${character.charCodeAt(0)};`)
}
