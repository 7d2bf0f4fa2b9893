// What a reader of the inbox can say to a post, as HTML: the form of an open question, the words of a watch, and what was said. The page's
// script sends what is clicked; there is none in here.
import type { Choices } from '../../post/question.ts'
import type { ReadPost } from '../../post/schema.ts'
import { escapeHtml } from './escape-html.ts'

/** A question of the inbox that can be answered now. */
export function isOpen({ service, status, question }: ReadPost): boolean {
  return service === 'inbox' && status === 'delivered' && question?.answer.state === 'open'
}

/** `data-keep`: the page keeps a form with what is typed in it while its post changes. */
export function answerHtml(choices: Choices): string {
  const fields = choices.choices.length === 0 ? textField() : choices.choices.map(button).join('\n')
  const otherwise =
    choices.otherwise === undefined
      ? ''
      : ` · without an answer: <b>${escapeHtml(choices.otherwise)}</b>`
  return `<form class="answer" data-keep="answer" aria-label="Answer">
<div class="options">${fields}</div>
<p class="left"><time data-until datetime="${escapeHtml(choices.until)}"></time>${otherwise}</p>
</form>`
}

function button(choice: string, index: number): string {
  const text = escapeHtml(choice)
  return `<button type="submit" value="${text}"><span class="n" aria-hidden="true">${index + 1}</span>${text}</button>`
}

function textField(): string {
  return `<textarea name="text" rows="1" maxlength="2000" required aria-label="Your answer" placeholder="Your answer"></textarea>
<button type="submit">Send</button>`
}

export function watchHtml({ watched, service, status }: ReadPost): string {
  if (watched !== true || service !== 'inbox' || status !== 'delivered') return ''
  return `<form class="commands" data-keep="commands" aria-label="The running cell">
<button type="submit" value="status">status</button>
<button type="submit" value="stop" data-sure="stop the cell?">stop</button>
</form>`
}

/** Without what the post itself says: who answered what. */
export function repliesHtml({ replies = [], question }: ReadPost): string {
  const answer = question?.answer
  const answered =
    answer?.state === 'answered'
      ? replies.findLast(({ from, at }) => from === answer.by && at === answer.at)
      : undefined
  const others = replies.filter((reply) => reply !== answered)
  if (others.length === 0) return ''
  const items = others.map(
    ({ from, text, at }) =>
      `<li><b>${escapeHtml(from)}</b> <span>${escapeHtml(text)}</span> <time datetime="${escapeHtml(at)}"></time></li>`,
  )
  return `<ul class="replies" aria-label="Replies">${items.join('\n')}</ul>`
}
