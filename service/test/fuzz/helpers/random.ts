// Seeded random posts that fit the schema: what a person could send, from empty to a megabyte, made
// of parts that are hard for parsers.
import type { FuzzPost } from './crafted.ts'

/** Numbers from 0 to 1, the same for the same seed (mulberry32). */
export function generator(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

const CHARACTERS = Array.from(
  '\\`*_[]()<>|~#>-+!&@$%^{}:;"\'/=.\n\n \t 0aé漢😀\u0000\u200b\u202e\ufeff',
)
const FRAGMENTS = [
  ...CHARACTERS,
  '![](',
  '](http://x.example/',
  '```',
  '~~~~\n',
  '|-|-|\n',
  '<div>',
  '</div>',
  '<table><tr><td colspan=99>',
  '<svg width="9" height="9">',
  '<!--',
  '&amp;',
  '&#64;',
  '@all',
  '$$',
  '\\frac{',
  '\\def\\a{\\a}',
  '\u001b[31m',
  'https://user:pass@x.example',
  'ghp_a1B2a1B2',
  'KEY="',
  '__proto__',
  'lorem ipsum ',
]

export class RandomPosts {
  readonly #next: () => number

  constructor(seed: number) {
    this.#next = generator(seed)
  }

  post(n: number, targets: readonly string[]): FuzzPost {
    const files = Array.from({ length: this.#upTo(this.#next() < 0.7 ? 0 : 6) }, () => this.#file())
    const count = 1 + (this.#next() < 0.95 ? this.#upTo(8) : this.#upTo(3000))
    const blocks = Array.from({ length: count }, () => this.#block(files.length, count))
    const source = {
      notebook: this.#text(100).slice(0, 200),
      executionCount: this.#upTo(1e6),
      durationMs: this.#next() * 1e9,
    }
    const manifest: Record<string, unknown> = { targets: [this.#pick(targets)], blocks, source }
    if (this.#next() < 0.1) manifest.thread = 't'
    if (this.#next() < 0.05) manifest[this.#pick(['blocks', 'targets', 'source'])] = this.#text(9)
    return { name: `random post ${n}`, manifest: JSON.stringify(manifest), files }
  }

  #upTo(most: number): number {
    return Math.floor(this.#next() * (most + 1))
  }

  #pick<T>(values: readonly T[]): T {
    const value = values[Math.floor(this.#next() * values.length)]
    if (value === undefined) throw new RangeError('Nothing to pick from')
    return value
  }

  /** Mostly short; a repeated fragment is the hardest for parsers. */
  #text(most: number): string {
    const size = Math.floor(most ** this.#next())
    let text = ''
    while (text.length < size) {
      const fragment = this.#pick(FRAGMENTS)
      const isRun = this.#next() < 0.05
      text += isRun ? fragment.repeat(this.#upTo(Math.min(size, 20_000))) : fragment
    }
    return text.slice(0, size)
  }

  #block(files: number, count: number): object {
    const most = count > 10 ? 50 : 200_000
    const text = () => this.#text(most)
    const type = this.#pick([
      'message',
      'markdown',
      'text',
      'code',
      'latex',
      'table',
      'html',
      'error',
      'notice',
      'choices',
      files > 0 ? 'image' : 'text',
      files > 0 ? 'file' : 'text',
    ])
    switch (type) {
      case 'image':
      case 'file':
        return { type, file: this.#upTo(files - 1) }
      case 'code':
        return { type, text: text(), language: this.#text(10).slice(0, 32) }
      case 'latex':
        return { type, text: this.#text(500) }
      case 'table': {
        const width = this.#upTo(this.#next() < 0.9 ? 8 : 300)
        const rows = Array.from({ length: this.#upTo(count > 10 ? 3 : 200) }, () =>
          Array.from({ length: this.#upTo(width) }, () => this.#text(30)),
        )
        return { type, columns: Array.from({ length: width }, () => this.#text(20)), rows }
      }
      case 'html':
        return { type, html: text(), text: this.#text(100) }
      case 'error':
        return { type, name: this.#text(20), message: text(), traceback: text() }
      case 'choices':
        return { type, choices: [this.#text(50)], until: this.#text(20) }
      default:
        return { type, text: text() }
    }
  }

  #file(): FuzzPost['files'][number] {
    const head = this.#pick([
      '',
      '<svg xmlns="http://www.w3.org/2000/svg">',
      '{"$schema":"https://vega.github.io/schema/vega-lite/v6.json"',
      '\u0089PNG\r\n\u001a\n',
      'GIF89a',
      'PK\u0003\u0004',
    ])
    const bytes = Buffer.from(head + this.#text(300_000), this.#next() < 0.5 ? 'latin1' : 'utf8')
    return { name: this.#text(40), type: 'text/plain', bytes }
  }
}
