// Marks around code in markdown (CommonMark 0.31.2): fences (4.5) and spans (6.1).

/** More backticks than any run of them in the text, so that the text cannot close the fence. */
export function fenceMark(text: string): string {
  return '`'.repeat(Math.max(3, longestRun(text) + 1))
}

/** Code within a line (6.1); empty if the text is blank. */
export function codeSpan(text: string): string {
  const code = text.replaceAll(/\s+/g, ' ').trim()
  if (code === '') return ''
  const mark = '`'.repeat(longestRun(code) + 1)
  const room = code.startsWith('`') || code.endsWith('`') ? ' ' : ''
  return `${mark}${room}${code}${room}${mark}`
}

function longestRun(text: string): number {
  let longest = 0
  for (const [run] of text.matchAll(/`+/g)) longest = Math.max(longest, run.length)
  return longest
}
