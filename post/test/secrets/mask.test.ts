// What is a secret and what is not, in golden sets; masking of every part of a post.
import { describe, expect, test } from '@jest/globals'
import { Masker } from '../../secrets/mask.ts'
import type { Block, Post, PostFile } from '../../contract/schema.ts'
import { cases, filled, secrets } from '../helpers/secrets.ts'
import { SECRET_SHAPES } from '../../secrets/shapes.ts'

describe('the golden set of secrets', () => {
  test('has at least 100', () => {
    expect(secrets.length).toBeGreaterThanOrEqual(100)
  })

  test.each(secrets)('masks $name', ({ mask, before, secret, after }) => {
    const masker = new Masker()
    expect(masker.text(before + secret + after)).toBe(before + mask + after)
    expect(masker.notices).toEqual(['1 secret masked'])
  })

  test.each(secrets)('masks it torn by colours and in tags: $name', ({ before, secret, after }) => {
    const middle = Math.floor(secret.length / 2)
    const [head, tail] = [secret.slice(0, middle), secret.slice(middle)]
    const colours = `${before}\u001b[1;31m${head}\u001b[0m\u200b${tail}${after}`
    const tags = `<td>${before}<b>${head}</b>${tail}${after}</td>`
    for (const [text, markup] of [
      [colours, false],
      [tags, true],
    ] as const) {
      const masked = new Masker().text(text, markup)
      expect(masked).toContain('[masked')
      for (const part of [head, tail].filter(({ length }) => length > 4)) {
        expect(masked).not.toContain(part)
      }
    }
  })

  test('leaves what stands in the cells beside it', () => {
    const secret = `ghp_${'a1B2'.repeat(9)}`
    const cells = `<tr><td>7a</td><td><b>${secret}</td><TH >7a</th>`
    const masked = cells.replace(secret, '[masked: GitHub token]')
    expect(new Masker().text(cells, true)).toBe(masked)
  })

  test('masks nothing of what it masked before', () => {
    for (const { mask, before, after } of secrets) {
      expect(new Masker().text(before + mask + after)).toBe(before + mask + after)
    }
  })
})

describe('the golden set of innocent lines', () => {
  const innocent = cases.untouched

  test('has at least 200', () => {
    expect(innocent.length).toBeGreaterThanOrEqual(200)
  })

  test.each(innocent.map((line) => [line]))('leaves %s', (line) => {
    expect(new Masker().text(line)).toBe(line)
    expect(new Masker().text(line, true)).toBe(line)
  })

  test.each(cases.within)('leaves what a word goes on with or begins with: %s', (template) => {
    const [before = '', secret = '', after = ''] = filled(template, 1).split(/[«»]/)
    const word = before + secret + after
    expect(new Masker().text(word)).toBe(word)
    expect(new Masker().text(secret)).toMatch(/^\[masked: /)
  })

  test('stays as it is in one text too', () => {
    const text = innocent.join('\n')
    expect(new Masker().text(text)).toBe(text)
  })
})

// An unbounded repeat, or one inside another, takes quadratic time for some texts, and 1 MB is
// scanned on the kernel's only thread.
test.each(SECRET_SHAPES.map(({ pattern, kind }) => [kind, pattern.source]))(
  'the pattern of a %s has bounded repeats only: %s',
  (_kind, source) => {
    const outside = source.replaceAll(/\\./g, 'x').replaceAll(/\[[^\]]*\]/g, 'x')
    expect(outside).not.toMatch(/[*+]|\{\d+,\}/)
  },
)

const maskerOf = (variables: (typeof cases)['values'][number]['variables']) =>
  new Masker(variables.map(([name, value]) => ({ name, value })))

describe('values of variables', () => {
  test.each(cases.names.secret)('that are named %s are masked, hex and UUIDs too', (name) => {
    for (const value of ['correct horse', '0123456789abcdef', crypto.randomUUID()]) {
      expect(maskerOf([[name, value]]).text(`it is ${value}.`)).toBe(`it is [masked: ${name}].`)
    }
  })

  test.each(cases.names.other)('that are named %j are left', (name) => {
    expect(maskerOf([[name, 'correct horse']]).text('correct horse')).toBe('correct horse')
  })

  test.each(cases.values)('$variables in $text', ({ variables, text, markup, masked }) => {
    expect(maskerOf(variables).text(text, markup)).toBe(masked)
  })
})

const file = (name: string, mimetype: string, content: string): PostFile => ({
  name,
  mimetype,
  bytes: Buffer.from(content),
})

describe('a post', () => {
  test.each(cases.posts)(
    'has no secret left: $name',
    ({ variables, post: { files, ...post }, masked, notices }) => {
      const masker = maskerOf(variables)
      const sent = files.map(({ name, mimetype, text }) => file(name, mimetype, text))
      const found = masker.post({ ...post, files: sent })
      const read = found.files.map(({ bytes, ...one }) => ({
        ...one,
        text: Buffer.from(bytes).toString(),
      }))
      expect({ ...found, files: read }).toEqual(masked)
      expect(masker.notices).toEqual(notices)
    },
  )

  const secret = 'correct horse'

  test('has none left in any block, file or name', () => {
    const blocks: Block[] = [
      { type: 'message', text: secret },
      { type: 'markdown', text: `# ${secret}` },
      { type: 'text', text: `a\u001b[31m ${secret.slice(0, 5)}\u001b[0m${secret.slice(5)}` },
      { type: 'code', text: secret, language: 'json' },
      { type: 'latex', text: `\\text{${secret}}`, macros: `\\def\\x{\\text{${secret}}}` },
      { type: 'image', file: 0, alt: secret },
      { type: 'file', file: 1 },
      { type: 'table', columns: [secret], rows: [['1'], [secret]] },
      { type: 'html', html: `<p title="${secret}">correct <b>horse</b></p>`, text: secret },
      { type: 'error', name: secret, message: secret, traceback: `at ${secret}` },
      { type: 'notice', text: `Left out: ${secret}.png` },
    ]
    const post: Post = {
      targets: ['@me'],
      blocks,
      thread: secret,
      source: { notebook: `${secret}.ipynb` },
      files: [
        file(
          `${secret}.svg`,
          'image/svg+xml',
          '<svg><text>correct <tspan>horse</tspan></text></svg>',
        ),
        file('a.json', 'application/json', `{"a":"${secret}"}`),
        file('notes.txt', 'text/plain', `${secret}\n`),
      ],
    }
    const masker = new Masker([{ name: 'KEY', value: secret }])
    const masked = masker.post(post)
    const all = JSON.stringify({ ...masked, files: masked.files.map(({ name }) => name) })
    const contents = masked.files.map(({ bytes }) => Buffer.from(bytes).toString())
    expect(all).not.toMatch(/correct|horse/)
    expect(contents).toEqual([
      '<svg><text>[masked: KEY]<tspan></tspan></text></svg>',
      '{"a":"[masked: KEY]"}',
      '[masked: KEY]\n',
    ])
    expect(masked.files[0]?.name).toBe('[masked: KEY].svg')
    expect(masker.notices).toEqual(['1 secret masked'])
  })

  test('without secrets keeps its very bytes', () => {
    const text = file('a.txt', 'text/plain', '\ufeffplain')
    const binary = { ...file('a.txt', 'text/plain', ''), bytes: Buffer.from([0xff, 0xfe, 0x41]) }
    const png = file('a.png', 'image/png', secret)
    const masker = new Masker([{ name: 'KEY', value: secret }])
    for (const one of [text, binary, png]) expect(masker.file(one).bytes).toBe(one.bytes)
    expect(masker.notices).toEqual([])
  })
})
