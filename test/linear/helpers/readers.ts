// Everything that reads other people's text, by name: a program takes each of them through a
// megabyte (`slow-readers.ts`).
import { isFormula, isNothing, withoutLaterFrames } from '../../../kernel/src/capture/bundle.ts'
import { htmlBlock, markdownBlocks } from '../../../kernel/src/capture/documents.ts'
import { interpolation } from '../../../kernel/src/cell/interpolation.ts'
import { scanLines } from '../../../kernel/src/cell/lexer.ts'
import { parseStack, placeBefore } from '../../../kernel/src/runtime/stack-frames.ts'
import { drawingOf } from '../../../post/api/drawing.ts'
import { Masker } from '../../../post/secrets/mask.ts'
import type { Block } from '../../../post/contract/schema.ts'
import { textOutsideTags } from '../../../post/contract/html-text.ts'
import { assignedVariables } from '../../../post/secrets/values.ts'
import { isObjectName, isOnlyName } from '../../../post/text/object-name.ts'
import { MacroBook } from '../../../post/text/tex-macros.ts'
import { rootOf } from '../../../post/text/svg-root.ts'
import { progressText, withoutDrawnOver } from '../../../post/text/progress-text.ts'
import { terminalText, withoutEscapes } from '../../../post/text/terminal-text.ts'
import { animationOf } from '../../../service/html/animation.ts'
import { readHtml } from '../../../service/html/content.ts'
import { hasScripts, isForOthers } from '../../../service/html/interactive.ts'
import type { MaskPieces } from '../../../service/html/masking.ts'
import { UnreadableHtml } from '../../../service/html/tree.ts'
import { isSvg, isVega } from '../../../service/convert/sniff.ts'
import { readMarkdown } from '../../../service/markdown/read.ts'
import { firstLine } from '../../../service/render/header.ts'
import { blockPieces } from '../../../service/render/markdown.ts'
import { renderPost } from '../../../service/render/messages.ts'
import { withMath } from '../../../service/render/inline-math.ts'
import { printPiece } from '../../../service/render/pieces.ts'
import { plainTex } from '../../../service/render/plain-tex.ts'
import { splitPieces } from '../../../service/render/split.ts'
import { texParts } from '../../../service/render/tex.ts'

/** The pieces of a block, printed and cut as a chat takes them. */
function printed(block: Block): string[] | undefined {
  const pieces = blockPieces(block, [], { tables: true, math: true }, true)
  pieces.map(printPiece)
  return splitPieces(
    { first: 'who', later: () => 'who' },
    pieces,
    { max: 16_383, unit: 'runes' },
    4,
  )
}

function readOf(html: string, mask?: MaskPieces): unknown {
  try {
    return readHtml(html, mask)
  } catch (error) {
    if (error instanceof UnreadableHtml) return undefined
    throw error
  }
}

/** A post with more than a chat takes: its head, its tail and its files. */
function flood(block: Block): unknown {
  const text = { max: 100, unit: 'runes' as const }
  const chat = { tables: true, math: true, text, files: { perMessage: 10, bytes: 1e9 } }
  return renderPost({ who: 'w', source: {}, blocks: [block, block], files: [] }, chat)
}

/** Readers that refuse longer text get all of it in parts of the most that they take. */
function parts(text: string, most = 99_000): string[] {
  return text.match(new RegExp(`[^]{1,${most}}`, 'g')) ?? []
}

function book(): MacroBook {
  const macros = new MacroBook()
  macros.learn('\\def\\a{\\b}\\def\\b{\\a}')
  return macros
}

function markdownOf(text: string): unknown {
  return readMarkdown({ type: 'markdown', text: `${text}<br>` }, undefined)
}

const bytes = (text: string) => ({ bytes: Buffer.from(text), mimetype: 'text/plain' })

/** Everything that reads other people's text. A refusal is an answer too. */
export const READERS: ReadonlyArray<readonly [what: string, work: (text: string) => unknown]> = [
  ['SVG of a file', (text) => rootOf(text)],
  ['SVG and Vega of an upload', (text) => [isSvg(bytes(text)), isVega(bytes(text))]],
  ['drawings inside HTML', (text) => drawingOf(`<svg>${text}`)],
  ['images of markdown', (text) => markdownBlocks(text)],
  ['a table of HTML', (text) => htmlBlock(`<table><tr><td>${text}</table>`, '', {})],
  ['HTML around a table', (text) => htmlBlock(`${text}<table><tr><td>1</table>${text}`, '', {})],
  ['what counts of HTML', (text) => textOutsideTags(text)],
  ['the screen of a terminal', (text) => terminalText(text)],
  ['progress bars on stderr', (text) => progressText(text)],
  ['bars that are drawn over', (text) => withoutDrawnOver(text)],
  ['a text without its escape sequences', (text) => withoutEscapes(text)],
  ['a message with mentions', (text) => printed({ type: 'message', text })],
  ['markdown of a cell', (text) => printed({ type: 'markdown', text })],
  ['text and formulas of TeX', (text) => parts(text).map((part) => texParts(part))],
  ['definitions in TeX', (text) => new MacroBook().learn(text)],
  ['what TeX needs', (text) => book().usedBy(text)],
  ['formulas in markdown', (text) => parts(text).map((part) => withMath(part, ({ tex }) => tex))],
  ['formulas as text', (text) => parts(text, 200).map((part) => plainTex(part))],
  // Longer markdown is not read, so a megabyte of it takes no time.
  ['tags and footnotes of markdown', (text) => markdownOf(text.slice(0, 99_000))],
  ['HTML of a cell', (text) => readOf(text)],
  ['cells of HTML', (text) => readOf(`<table><tr><td>${text}</td>${text}</table>`)],
  [
    'style sheets of HTML',
    (text) => readOf(`<style>${text}{text-align:right}</style><style ${text}<td class="${text}">`),
  ],
  ['marks of HTML', (text) => readOf(`<ul><li><b><a href="${text}">${text}<pre>${text}`)],
  [
    'legends of a plot',
    (text) => readOf(`<span class="a-swatch"><svg width="1">${text}</svg>${text}`),
  ],
  ['scripts of HTML', (text) => readOf(`<script>{"a":${text}</script><script>${text}`)],
  [
    'what HTML hides, and the languages of its code',
    (text) => {
      const words = text.replaceAll('"', "'")
      return readOf(`<i style="${words}" class="${words}">${text}<details><pre class="${words}">`)
    },
  ],
  [
    'media inside HTML',
    (text) => {
      const words = text.replaceAll('"', "'")
      return readOf(`<img src="data:${words}"><audio src="data:a/b,${words}">${text}`)
    },
  ],
  ['an animation', (text) => animationOf(`var img_id = "a" frames[0] = "data:${text}`)],
  [
    'frames of an animation',
    (text) => withoutLaterFrames(`var img_id = "${text}frames[1] = "${text}`),
  ],
  ['scripts of HTML', (text) => [hasScripts(text), isForOthers(text)]],
  [
    'the forms of an output',
    (text) => [
      isFormula(text),
      isObjectName(`<${text}`),
      isOnlyName(`<${text}`),
      isNothing({ 'text/plain': '', 'text/html': `<pre>${text}</pre>` }),
    ],
  ],
  ['secrets in HTML', (text) => readOf(text, (texts) => new Masker().pieces(texts))],
  ['an error', (text) => printed({ type: 'error', name: 'E', message: text, traceback: text })],
  ['cells of a table', (text) => printed({ type: 'table', columns: ['a'], rows: [[text]] })],
  [
    'many cells of a table',
    (text) => {
      const cells = text.match(/[^]{1,500}/g) ?? []
      return printed({ type: 'table', columns: ['a'], rows: cells.map((cell) => [cell]) })
    },
  ],
  ['a flood of text', (text) => flood({ type: 'text', text })],
  ['a flood of cells', (text) => flood({ type: 'table', columns: [text], rows: [[text, text]] })],
  ['the line that says who posts', (text) => firstLine({ who: text, source: { notebook: text } })],
  ['secrets', (text) => new Masker().text(text)],
  ['secrets in markup', (text) => new Masker().text(text, true)],
  ['variables of a cell', (text) => assignedVariables(text)],
  ['lines of a cell', (text) => scanLines(text, () => undefined)],
  ['what a MESSAGE fills in', (text) => interpolation(text)],
  ['a stack', (text) => [parseStack(text), placeBefore(text)]],
]
