// Fences of markdown (CommonMark 0.31.2, 4.5).

/** Backticks that no run of backticks in the text can close. */
export function fenceMark(text: string): string {
  let longest = 0
  for (const run of text.matchAll(/`+/g)) longest = Math.max(longest, run[0].length)
  return '`'.repeat(Math.max(3, longest + 1))
}
