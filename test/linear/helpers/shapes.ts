// What no repeated text shows: posts of up to a megabyte whose parts multiply each other's cost.
import { MacroBook } from '../../../post/text/tex-macros.ts'
import { readHtml } from '../../../service/html/content.ts'
import { readMarkdown } from '../../../service/markdown/read.ts'
import { withoutTerminal } from '../../../service/offload/terminal.ts'
import { renderPost } from '../../../service/render/messages.ts'

const list = <T>(count: number, make: (n: number) => T) =>
  Array.from({ length: count }, (_, n) => make(n))
const letters = (n: number) => String.fromCharCode(97 + (n % 26), 97 + Math.floor(n / 26))
const markdown = (text: string) => ({ type: 'markdown' as const, text })

const CHAT = {
  tables: true,
  math: true,
  text: { max: 16_383, unit: 'runes' as const },
  files: { perMessage: 10, bytes: 1e9 },
}

export const SHAPES: ReadonlyArray<readonly [what: string, work: () => unknown]> = [
  [
    'formulas whose macro uses a hundred long ones',
    () => {
      const book = new MacroBook()
      for (let n = 0; n < 90; n++)
        book.learn(`\\def\\m${letters(n)}{\\m${letters(n + 1)}${'\\q'.repeat(220)}}`)
      return list(14_000, () => book.usedBy('\\maa'))
    },
  ],
  [
    'raised text inside raised text',
    () => readHtml('<sup>'.repeat(480) + '<b>a</b>'.repeat(100_000)),
  ],
  [
    'texts that move far to the right',
    () =>
      list(160, () =>
        withoutTerminal({ type: 'text', text: '\u001b[9999Cx\n'.repeat(400), stream: 'stdout' }),
      ),
  ],
  [
    'a long address that each word links to',
    () =>
      readMarkdown(
        markdown(`[r]: https://a.example/${'a'.repeat(20_000)}\n\n${'[r] '.repeat(10_000)}`),
        undefined,
      ).map((block) => (block.type === 'html' ? readHtml(block.html) : block)),
  ],
  [
    'thousands of footnotes in each of ten texts',
    () =>
      list(10, () =>
        readMarkdown(
          markdown(
            list(4500, (n) => `x[^${n}]\n\n[^${n}]: y\n\n`)
              .join('')
              .slice(0, 99_000),
          ),
          undefined,
        ),
      ),
  ],
  [
    'rows without cells in a wide table',
    () =>
      renderPost(
        {
          who: 'alice',
          source: {},
          blocks: [{ type: 'table', columns: list(33, () => ''), rows: list(99_900, () => []) }],
          files: [],
        },
        CHAT,
      ),
  ],
]
