// How a question says that it can be answered. This file is in the inbox page's bundle, so it
// imports nothing.

/** The `choices` block of a post. */
export interface Choices {
  choices: readonly string[]
  until: string
  otherwise?: string | undefined
}

/** How to answer: a numbered line for each choice, then the time limit. */
export function choicesText({ choices, until, otherwise }: Choices): string {
  const lines = choices.map((choice, n) => `${n + 1}. ${choice}`)
  const how = choices.length > 0 ? 'Reply with a number or a word' : 'Reply with a text'
  const fallback = otherwise === undefined ? '' : `; without an answer it is: ${otherwise}`
  return [...lines, `${how} until ${minuteText(until)}${fallback}`].join('\n')
}

/** ISO 8601 -> `2026-01-31 18:00 UTC`. */
export function minuteText(time: string): string {
  return `${time.slice(0, 16).replace('T', ' ')} UTC`
}
