// How a reader of the inbox can respond to a post: the form of an open question, the words of a
// watch, and the replies. `answers.ts` handles clicks. A form with `data-keep`, and the text typed
// in it, stays while its post changes.
import type { Choices } from '../../../post/contract/question-text.ts'
import type { ReadPost } from '../../../post/contract/schema.ts'
import { make } from './dom.ts'

/** A question of the inbox that can be answered now. */
export function isOpen({ service, status, question }: ReadPost): boolean {
  return service === 'inbox' && status === 'delivered' && question?.answer.state === 'open'
}

export function answerView({ choices, until, otherwise }: Choices): HTMLElement {
  const options = choices.length === 0 ? textField() : choices.map(choiceButton)
  const left = make('p', { class: 'left' }, make('time', { 'data-until': '', datetime: until }))
  if (otherwise !== undefined) left.append(' · without an answer: ', make('b', {}, otherwise))
  const attributes = { class: 'answer', 'data-keep': 'answer', 'aria-label': 'Answer' }
  return make('form', attributes, make('div', { class: 'options' }, ...options), left)
}

function choiceButton(choice: string, index: number): HTMLElement {
  const number = make('span', { class: 'n', 'aria-hidden': 'true' }, String(index + 1))
  return make('button', { type: 'submit', value: choice }, number, choice)
}

function textField(): HTMLElement[] {
  const field = {
    name: 'text',
    rows: '1',
    maxlength: '2000',
    required: '',
    'aria-label': 'Your answer',
    placeholder: 'Your answer',
  }
  return [make('textarea', field), make('button', { type: 'submit' }, 'Send')]
}

export function commandsView({ watched, service, status }: ReadPost): HTMLElement[] {
  if (watched !== true || service !== 'inbox' || status !== 'delivered') return []
  const attributes = {
    class: 'commands',
    'data-keep': 'commands',
    'aria-label': 'The running cell',
  }
  return [
    make(
      'form',
      attributes,
      make('button', { type: 'submit', value: 'status' }, 'status'),
      make('button', { type: 'submit', value: 'stop', 'data-sure': 'stop the cell?' }, 'stop'),
    ),
  ]
}

/** Omits what the post itself says: who gave which answer. */
export function repliesView({ replies = [], question }: ReadPost): HTMLElement[] {
  const answer = question?.answer
  const answered =
    answer?.state === 'answered'
      ? replies.findLast(({ from, at }) => from === answer.by && at === answer.at)
      : undefined
  const items = replies
    .filter((reply) => reply !== answered)
    .map(({ from, text, at }) =>
      make(
        'li',
        {},
        make('b', {}, from),
        ' ',
        make('span', {}, text),
        ' ',
        make('time', { datetime: at }),
      ),
    )
  if (items.length === 0) return []
  return [make('ul', { class: 'replies', 'aria-label': 'Replies' }, ...items)]
}
