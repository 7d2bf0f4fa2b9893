// One block of a post as elements.
import { choicesText } from '../../../post/contract/question-text.ts'
import type { Block, ReadPost } from '../../../post/contract/schema.ts'
import { bareTex } from '../../render/tex.ts'
import type { Allowance } from './allowance.ts'
import { make, makePre } from './dom.ts'
import type { Child } from './dom.ts'
import type { Files } from './files.ts'
import { answerView, isOpen } from './form-view.ts'
import { codeView, documentView, messageView } from './markdown-view.ts'
import { tableView } from './table-view.ts'
import { texView } from './tex-view.ts'

export interface Drawing {
  post: ReadPost
  files: Files
  allowance: Allowance
}

export function blockView(block: Block, { post, files, allowance }: Drawing): Child[] {
  switch (block.type) {
    case 'message':
      return [messageView(block.text, allowance)]
    case 'markdown':
      return [documentView(block.text, allowance)]
    case 'text':
      return textView(block.text, block.stream ?? 'result')
    case 'code':
      return [codeView(block.text, block.language)]
    case 'latex': {
      const tex = texView(bareTex(block.text), true, allowance)
      return [make('div', { class: 'math', tabindex: '0' }, tex)]
    }
    case 'table':
      return tableView(block, allowance)
    case 'html':
      return htmlView(block)
    case 'error':
      return [errorView(block)]
    case 'image':
      return given(files.view(post, block.file, block.alt ?? ''))
    case 'file':
      return given(files.view(post, block.file, ''))
    case 'choices':
      if (isOpen(post)) return [answerView(block)]
      return [make('p', { class: 'notice choices' }, choicesText(block))]
    case 'notice':
      return [make('p', { class: 'notice' }, block.text)]
    default:
      // The tab was open before the relay was updated.
      return [make('p', { class: 'notice' }, 'Reload the page to see this part')]
  }
}

function given(view: HTMLElement | undefined): Child[] {
  return view ? [view] : []
}

/** The relay turns it into markdown and pictures; before, or if no chat took it, the text tells. */
function htmlView({ text }: Extract<Block, { type: 'html' }>): Child[] {
  const shown = textView(text, 'result')
  return shown.length > 0 ? shown : [make('p', { class: 'notice' }, 'HTML, not converted yet')]
}

function textView(text: string, stream: string): Child[] {
  return text.trim() === '' ? [] : [makePre(text, { class: stream })]
}

function errorView({ name, message, traceback }: Extract<Block, { type: 'error' }>): HTMLElement {
  const title = message === '' ? name : `${name}: ${message}`
  // The title is shown already; the rest keeps its own indentation.
  const at = traceback.indexOf(title)
  const rest = at === -1 ? traceback : traceback.slice(0, at) + traceback.slice(at + title.length)
  const lines = rest.split('\n')
  const first = lines.findIndex((line) => line.trim() !== '')
  const frames = first === -1 ? '' : lines.slice(first).join('\n').trimEnd()
  const heading = make('p', {}, make('strong', {}, name), ` ${message}`)
  return make('div', { class: 'error' }, heading, ...(frames === '' ? [] : [makePre(frames, {})]))
}
