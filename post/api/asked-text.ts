// One line that tells the state of a question. Shown below the cell that asked, and by the CLI.
import type { Asked } from './asking.ts'
import { minuteText } from '../contract/question.ts'
import { firstUnits } from '../contract/units.ts'
import { linkedLine, withNotices } from '../relay/receipt.ts'
import type { ReceiptText } from '../relay/receipt.ts'

/** The line shows the start of a long answer; the cell's value has all of it. */
const LONGEST = 100

/** `Asked your inbox: waits for an answer until 2026-01-31 18:00 UTC · http://...` */
export function askedText({ post, until, notices, answer }: Asked): ReceiptText {
  const line = `Asked ${post.destination}: ${state(answer, until)}`
  return withNotices([linkedLine(line, post.url)], [...post.notices, ...notices])
}

function state(answer: Asked['answer'], until: string): string {
  if (answer === 'interrupted') return 'taken back'
  switch (answer?.state) {
    case undefined:
    case 'open':
      return `waits for an answer until ${minuteText(until)}`
    case 'answered':
      return `${answer.by} answered: ${short(answer.answer)}`
    case 'expired':
      return answer.answer === undefined
        ? 'no answer in time'
        : `no answer in time, so it is: ${short(answer.answer)}`
    case 'withdrawn':
      return 'taken back'
    case 'failed':
      return 'not delivered'
  }
}

function short(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ')
  return line.length > LONGEST ? `${firstUnits(line, LONGEST)}…` : line
}
