// Code fences of markdown (CommonMark 0.31.2, 4.5).

/** More backticks than any run of them in the text, so that the text cannot close the fence. */
export function fenceMark(text: string): string {
  let longest = 0
  for (const run of text.matchAll(/`+/g)) longest = Math.max(longest, run[0].length)
  return '`'.repeat(Math.max(3, longest + 1))
}
