// A relay's refusal in words for a person.
import type { z } from 'zod'
import { PostError } from './error.ts'
import { Problem } from './schema.ts'
import { sentence } from './sentence.ts'

/** The fields of a problem document that a client reads. */
export const Refusal = Problem.pick({ code: true, detail: true, nearest: true })
export type Refusal = z.infer<typeof Refusal>

/**
 * The message for a relay's problem document: its detail, and the names that the person may post
 * to.
 */
export function refusal(problem: Refusal): PostError {
  const lines = [problem.detail]
  const nearest = problem.nearest ?? []
  const names = nearest.join(', ')
  if (nearest.length > 0 && !problem.detail.includes(` ${names}`)) {
    lines.push(sentence('mayPostTo', { names }))
  }
  return new PostError(problem.code, lines.join('\n'), { nearest })
}
