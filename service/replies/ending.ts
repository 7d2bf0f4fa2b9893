// How a post shows its question: while it is open, how to answer; after that, in one line, how it
// ended.
import type { Block } from '../../post/contract/schema.ts'
import { firstUnits } from '../../post/contract/units.ts'
import { formatDuration } from '../render/header.ts'
import type { StoredQuestion } from './question-rows.ts'

/** A post shows only the beginning of a longer answer; the asker gets all of it. */
const MOST_SHOWN = 300

/** The blocks of the post, with the question's block brought up to date, or added at the end. */
export function withQuestion(blocks: readonly Block[], question: StoredQuestion): Block[] {
  const end = endText(question)
  const own: Block = end === undefined ? question.block : { type: 'notice', text: end }
  const isOwn = (block: Block) =>
    block.type === 'choices' || (block.type === 'notice' && block.text === end)
  const place = blocks.findIndex(isOwn)
  const others = blocks.filter((block) => !isOwn(block))
  return others.toSpliced(place < 0 ? others.length : place, 0, own)
}

/** How the question ended, in one line; undefined while it is open. */
function endText({ shown, asked, askedAt, until }: StoredQuestion): string | undefined {
  switch (shown.state) {
    case 'open':
      return undefined
    case 'answered':
      return `${asked} answered: ${oneLine(shown.answer)}`
    case 'expired': {
      const none = `No answer in ${formatDuration(until - askedAt)}`
      return shown.answer === undefined ? none : `${none}: ${oneLine(shown.answer)}`
    }
    case 'withdrawn':
      return 'The question was taken back'
    case 'failed':
      return `Could not be asked: ${shown.error}`
  }
}

function oneLine(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim()
  if (line.length <= MOST_SHOWN) return line
  return `${firstUnits(line, MOST_SHOWN)}…`
}
