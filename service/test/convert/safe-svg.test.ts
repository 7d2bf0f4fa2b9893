// What remains of an SVG: nothing that names another place, however it is written.
import { describe, expect, test } from '@jest/globals'

import { bitmapSize } from '../../convert/child/bitmap-size.ts'
import { safeCss } from '../../convert/child/safe-css.ts'
import { safeSvg } from '../../convert/child/safe-svg.ts'
import { plain, pngBomb, svg } from '../helpers/pictures.ts'

const inside = (source: string) =>
  safeSvg(source)
    .svg.replace(/^<svg[^>]*>/, '')
    .replace(/<\/svg>$/, '')

describe('of an SVG', () => {
  test.each([
    [`<image data-a='href="#"' href='/etc/x.png' data-b='"'/>`, '<image></image>'],
    ['<image xlink:href="/etc/x.png"/>', '<image></image>'],
    ['<image href="data:image/svg+xml;base64,PHN2Zy8+"/>', '<image></image>'],
    ['<image href="data:text/plain;base64,PHN2Zy8+"/>', '<image></image>'],
    ['<image href="DATA:IMAGE/PNG,x"/>', '<image></image>'],
    ['<use href="other.svg#a"/>', '<use></use>'],
    ['<use href="#a" xlink:href="other.svg#a"/>', '<use href="#a"></use>'],
    ['<use xlink:href=" #a "/>', '<use href="#a"></use>'],
    ['<feImage href="https://a.org/x"/>', '<feImage></feImage>'],
    ['<a href="javascript:alert(1)"><rect/></a>', '<a><rect></rect></a>'],
    ['<rect src="/etc/x" onclick="x()" xml:base="http://a.org/"/>', '<rect></rect>'],
    ['<rect fill="url(https://a.org/#b)"/>', '<rect fill="none"></rect>'],
    ['<rect fill="url(#b)"/>', '<rect fill="url(#b)"></rect>'],
    [`<rect fill="url('#b') red"/>`, '<rect fill="url(#b) red"></rect>'],
    [
      '<rect style="fill:\\75rl(//a.org/x);stroke:red"/>',
      '<rect style="fill:none;stroke:red"></rect>',
    ],
    ['<style>@import "//a.org";rect{fill:url(//a.org)}</style>', '<style> rect{fill:none}</style>'],
    ['<style><![CDATA[@import url(//a.org);a{}]]></style>', '<style> a{}</style>'],
    ['<style><g>x</g>a{}</style>', '<style>a{}</style>'],
    ['<?xml-stylesheet href="//a.org"?><rect/>', '<rect></rect>'],
    ['<script>x</script><rect/>', '<rect></rect>'],
    ['<foreignObject><img src="//a.org"/></foreignObject>', ''],
    ['<h:iframe xmlns:h="http://www.w3.org/1999/xhtml" src="//a.org"/>', ''],
    ['<rect xmlns="http://a.org"/>', ''],
    ['<s:rect xmlns:s="http://www.w3.org/2000/svg"/>', '<rect></rect>'],
    ['<animate attributeName="href" to="//a.org"/>', ''],
    ['<text>a &lt; b &#38; "c"</text>', '<text>a &#60; b &#38; &#34;c&#34;</text>'],
    ['<path d="M1 2" transform="rotate(3)"/>', '<path d="M1 2" transform="rotate(3)"></path>'],
  ])('%s there is %j', (source, left) => {
    expect(inside(svg(source))).toBe(left)
  })

  test('the prefix of SVG does not matter, and its namespace is added', () => {
    const source = '<s:svg xmlns:s="http://www.w3.org/2000/svg" width="1"><s:g/></s:svg>'
    expect(safeSvg(source).svg).toBe(
      '<svg xmlns="http://www.w3.org/2000/svg" width="1"><g></g></svg>',
    )
  })

  test.each([
    ['<!DOCTYPE svg [<!ENTITY a "x">]><svg>&a;</svg>', 'it defines XML entities'],
    ['<!DOCTYPE svg SYSTEM "file:///etc/passwd"><svg>&x;</svg>', 'undefined entity'],
    ['<g>'.repeat(1001), 'it is no SVG'],
    [`<svg>${'<g>'.repeat(1001)}`, 'nodes limit'],
    ['<svg/><svg/>', 'no valid SVG'],
    ['<svg a="1" a="2"/>', 'duplicate attribute'],
    ['', 'no valid SVG'],
  ])('%j is refused: %s', (source, why) => {
    expect(() => safeSvg(source)).toThrow(why)
  })
})

test.each([
  ['a{fill:url(#x)}', 'a{fill:url(#x)}', false],
  ['a{fill:URL( "#x" )}', 'a{fill:url(#x)}', false],
  ['a{fill:u\\72 l(http://a)}', 'a{fill:none}', true],
  ['a{fill:url(http://a', 'a{fill:none', true],
  ['a{x:image-set("http://a" 1x);y:1}', 'a{x:none;y:1}', true],
  ['@font-face{src:url(a)}b{}', ' b{}', true],
  ['@media x{@import "b";a{}}b{}', ' b{}', false],
  ['a{b:"url(x)"}/*url(y)*/', 'a{b:"url(x)"} ', false],
  [`a{b:'x`, 'a{b:', false],
  ['a{b:"x\n}url(c)', 'a{b:', false],
  ['.a\\.b{}', '.a_b{}', false],
])('of the CSS %j there is %j', (css, left, outside) => {
  expect(safeCss(css)).toEqual({ css: left, outside })
})

test('the size of a bitmap is known from its first bytes', async () => {
  const picture = plain(300, 7, 'red')
  const made = [
    picture.png(),
    picture.jpeg(),
    picture.jpeg({ progressive: true }).withExif({ IFD0: { Copyright: 'x'.repeat(500) } }),
    picture.gif(),
  ]
  for (const one of made)
    expect(bitmapSize(await one.toBuffer())).toEqual({ width: 300, height: 7 })
  expect(bitmapSize(pngBomb(50_000, 60_000))).toEqual({ width: 50_000, height: 60_000 })
  for (const bad of [Buffer.alloc(0), Buffer.from('<svg/>'), pngBomb(1, 1).subarray(0, 20)])
    expect(bitmapSize(bad)).toBeUndefined()
})
