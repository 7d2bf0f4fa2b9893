// What is a secret in HTML although no look at its markup shows it: written by entities, torn by
// tags, or both.
import { expect, test } from '@jest/globals'

import { Masker } from '../../../post/secrets/mask.ts'
import { secrets } from '../../../post/test/helpers/secrets.ts'
import { DEFAULT_LIMITS } from '../../../post/contract/schema.ts'
import { readContent } from '../../offload/content.ts'
import { textOf } from '../helpers/bytes.ts'

type Hide = (secret: string) => string

const entity = (letter: string) => `&#${letter.codePointAt(0)};`
const encoded = (text: string) => Array.from(text).map(entity).join('')
const plain = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
const halves = (text: string) => {
  const middle = Math.floor(text.length / 2)
  return [text.slice(0, middle), text.slice(middle)] as const
}

const HIDDEN: readonly (readonly [string, Hide])[] = [
  ['its first letter as an entity', (s) => entity(s.slice(0, 1)) + plain(s.slice(1))],
  ['all of it as entities', encoded],
  [
    'all of it in hexadecimal',
    (s) => encoded(s).replaceAll(/\d+/g, (n) => `x${Number(n).toString(16)}`),
  ],
  ['torn by an empty tag', (s) => halves(s).map(plain).join('<b></b>')],
  ['half of it bold', (s) => `<b>${plain(halves(s)[0])}</b>${plain(halves(s)[1])}`],
  ['torn by a comment', (s) => halves(s).map(plain).join('<!-- > -->')],
  ['torn by an element that is not shown', (s) => halves(s).map(plain).join('<script>x</script>')],
  [
    'torn by a tag with an angle bracket in it',
    (s) => halves(s).map(plain).join('<i title=">"></i>'),
  ],
  ['entities, torn by tags', (s) => `<i>${halves(s).map(encoded).join('</i><i>')}</i>`],
]

async function read(html: string, masked = true) {
  const blocks = [{ type: 'html' as const, html, text: '' }]
  return readContent({ blocks, files: [], limits: DEFAULT_LIMITS, masked })
}

/** All that is kept of a post, as text. */
const kept = ({ blocks, files }: Awaited<ReturnType<typeof read>>) =>
  JSON.stringify(blocks) + files.map(textOf).join()

/** A part of it that is a word by itself would be none of its own. */
const parts = (secret: string) =>
  secret.split(/[^A-Za-z0-9]+/).filter((part) => part.length > 8 && /\d/.test(part))

test.each(HIDDEN)(
  'each shape of a secret is masked: %s',
  async (_, hide) => {
    for (const { before, secret, after, name } of secrets) {
      const html = plain(before) + hide(secret) + plain(after)
      const places = [
        `<p>${html}</p>`,
        `<table><tr><td>a</td><td>${html}</td></tr></table>`,
        `<pre>${html}</pre>`,
        `<svg width="9" height="9"><text>${html}</text></svg>`,
      ]
      for (const place of places) {
        const content = await read(place)
        const text = kept(content)
        expect({ name, place, count: content.count > 0 }).toEqual({ name, place, count: true })
        for (const part of parts(secret))
          expect({ name, place, text }).toEqual({
            name,
            place,
            text: expect.not.stringContaining(part),
          })
      }
    }
  },
  60_000,
)

test('and where paragraphs tear it', async () => {
  for (const { before, secret, after, name } of secrets) {
    // A half that is one by itself is masked alone, as in two lines of text.
    if (halves(secret).some((half) => new Masker().text(before + half) !== before + half)) continue
    const torn = halves(secret).map(encoded).join('</p><p>')
    const html = `<p>${plain(before)}${torn}${plain(after)}</p>`
    const text = kept(await read(html))
    for (const part of parts(secret))
      expect({ name, text }).toEqual({ name, text: expect.not.stringContaining(part) })
  }
})

test('in addresses of links and names of pictures too', async () => {
  const secret = `ghp_${'a1B2'.repeat(9)}`
  const content = await read(
    `<a href="https://x.org/?t=${encoded(secret)}">x</a><img alt="${encoded(secret)}" src="https://x.org/${encoded(secret)}.png">`,
  )
  expect(kept(content)).not.toContain('a1B2')
  expect(content.count).toBe(1)
})

test('in the text of a picture that is not there, which becomes markdown with escapes', async () => {
  for (const { before, secret, after, name } of secrets) {
    const content = await read(`<img alt="${encoded(before + secret + after)}" src="gone.png">`)
    const text = kept(content)
    expect({ name, count: content.count > 0 }).toEqual({ name, count: true })
    for (const part of parts(secret))
      expect({ name, text }).toEqual({ name, text: expect.not.stringContaining(part) })
  }
})

test('and where the text of a picture and what follows tear it', async () => {
  const [one, other] = halves(`ghp_${'a1B2'.repeat(9)}`)
  for (const html of [
    `<img alt="${one}" src="gone.png">${other}`,
    `<table><tr><td><img alt="${one}" src="gone.png">${other}</td></tr></table>`,
  ])
    expect(kept(await read(html))).not.toContain('a1B2')
})

test('in words of pictures, whatever signs of markdown it has', async () => {
  const value = 'ab*cd_ef>12[x]y'
  const html = `a<b></b>${value.slice(0, 3)}<img alt="${value.slice(3)}"><img alt="${value}" src="https://x.org/y.png">`
  const { blocks, count } = await readContent({
    blocks: [
      { type: 'code', language: 'python', text: `API_TOKEN = "${value}"` },
      { type: 'html', html, text: '' },
    ],
    files: [],
    limits: DEFAULT_LIMITS,
    masked: true,
  })
  expect(count).toBe(1)
  expect(blocks[1]).toEqual({
    type: 'markdown',
    text: 'a\\[masked: API_TOKEN\\] *picture* ![ masked: API_TOKEN ](https://x.org/y.png)',
  })
})

test('cells that stand beside each other are texts of their own', async () => {
  const secret = `ghp_${'a1B2'.repeat(9)}`
  const content = await read(`<table><tr><td>x</td><td>${secret}</td><td>7</td></tr></table>`)
  expect(content.blocks).toEqual([
    { type: 'table', columns: ['', '', ''], rows: [['x', '[masked: GitHub token]', '7']] },
  ])
})

test.each([
  ['a country and a checksum', ['SK', 'd41d8cd98f00b204e9800998ecf8427e']],
  ['an address, a time and a mail address', ['https://x.org', '12:30', 'bob@x.org']],
  ['two halves of a secret', ['gh', `p_${'a1B2'.repeat(9)}`]],
])('nothing is masked across cells: %s', async (_, cells) => {
  const ways = [
    { tear: '</td><td>', rows: [cells] },
    { tear: '</td></tr><tr><td>', rows: cells.map((cell) => [cell]) },
  ]
  for (const { tear, rows } of ways) {
    const { blocks, count } = await read(`<table><tr><td>${cells.join(tear)}</table>`)
    expect(count).toBe(0)
    expect(blocks).toMatchObject([{ type: 'table', rows }])
  }
})

test('what is no secret stays, and all stays without masking', async () => {
  const secret = `ghp_${'a1B2'.repeat(9)}`
  expect((await read('<b>ghp</b>_short')).count).toBe(0)
  const content = await read(`<b>gh</b>p_${secret.slice(4)}`, false)
  expect(content).toMatchObject({ count: 0, notices: [] })
  expect(kept(content)).toContain(secret.slice(4))
})

test.each(['latex', 'markdown', 'message'] as const)(
  'backslashes that a %s does not show hide no secret',
  async (type) => {
    const secret = `ghp_${'a1B2'.repeat(9)}`
    const text = `The token is ${secret.replace('_', String.raw`\_`)} and $x^2$`
    const sent = { blocks: [{ type, text }], files: [], limits: DEFAULT_LIMITS, masked: true }
    expect(await readContent(sent)).toMatchObject({
      blocks: [{ type, text: 'The token is [masked: GitHub token] and $x^2$' }],
      count: 1,
    })
  },
)
