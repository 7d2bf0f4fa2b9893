// A relay's refusal in words for a person.
import { PostError } from './error.ts'
import type { Problem } from './schema.ts'
import { sentence } from './sentence.ts'

/** The words for a relay's problem document: what it says, the nearest names, and the step to take. */
export function refusal(problem: Problem): PostError {
  const lines = [problem.detail]
  const nearest = problem.nearest ?? []
  const names = nearest.join(', ')
  if (nearest.length > 0 && !problem.detail.includes(` ${names}`)) {
    lines.push(sentence('mayPostTo', { names }))
  }
  return new PostError(problem.code, lines.join('\n'), { nearest })
}
