// Sniffing and reading a megabyte of anything an SVG may contain takes time in proportion to its
// length.
import { expect, test } from '@jest/globals'

import { computing } from '../helpers/computing.ts'
import { safeSvg } from '../../service/convert/child/safe-svg.ts'
import { isSvg, isVega } from '../../service/convert/sniff.ts'
import { svg } from '../../service/test/helpers/pictures.ts'

/** A megabyte of it. */
const some = (part: string) => part.repeat(1_000_000 / part.length)

test.each(['<!---->', '<!--', '<?', ' ', '<!DOCTYPE ', '<!DOCTYPE a[', '"', '<', '<a:', '<?a?> '])(
  'a megabyte of %j is sniffed at once',
  async (unit) => {
    for (const head of ['', '<!DOCTYPE svg ', '<!DOCTYPE svg [']) {
      const bytes = Buffer.from(head + some(unit))
      expect(await computing(() => isSvg({ bytes, mimetype: '' }))).toBeLessThan(500)
    }
  },
)

test.each(['"$schema" ', '"$schema":', ' ', '{', '"$schema":"https://vega.github.io/schema/'])(
  'a megabyte of %j is no plot, and known to be none at once',
  async (unit) => {
    const bytes = Buffer.from(`{"$schema"${some(unit)}`)
    expect(await computing(() => isVega({ bytes }))).toBeLessThan(500)
  },
)

test.each([
  ['tags', '<g>'.repeat(900)],
  ['comments', some('<!---->')],
  ['paths', some('<path d=""/>')],
  ['text', some('&#60;')],
  ['addresses', `<rect fill="${some('url(')}"/>`],
  ['rules', `<style>${some('@')}</style>`],
  ['blocks', `<style>@${some('{')}</style>`],
  ['comments of CSS', `<style>${some('/*')}</style>`],
  ['escapes', `<style>${some('\\')}</style>`],
  ['quotes', `<style>${some('"')}</style>`],
  ['attributes', `<rect ${Array.from({ length: 90_000 }, (_, n) => `a${n}="("`).join(' ')}/>`],
  ['namespaces', `<g ${Array.from({ length: 90_000 }, (_, n) => `xmlns:a${n}="b"`).join(' ')}/>`],
  [
    'a picture',
    `<image href="data:image/jpeg;base64,${Buffer.alloc(750_000, 0xff).toString('base64')}"/>`,
  ],
  ['document types', some('<!DOCTYPE svg [')],
])('an SVG with a megabyte of %s is read within two seconds', async (_what, part) => {
  const read = () => {
    try {
      safeSvg(svg(part))
    } catch (error) {
      expect(error).toMatchObject({ name: 'SvgError' })
    }
  }
  expect(await computing(read)).toBeLessThan(2000)
})
