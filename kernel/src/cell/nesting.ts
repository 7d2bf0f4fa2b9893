// How deeply a text may nest, judged without parsing it: a native parser that runs out of stack
// ends the process, and no error can be caught. The estimate is never too low; a text that
// exceeds the bound is tried in another process first (canary.ts).
import { depth } from './lexer.ts'

/**
 * Levels that every parser bears. The fewest that ended a process with the usual stack of 8 MB:
 * 2,040 `if (a)` in a row (swc), 2,900 `() => {` (oxc), 3,990 `${` (oxc).
 */
const BEARABLE = 1000

const opening = /[([{]/g
/** What nests in its own kind without a bracket: `a ? b : c ? …`, `if (a) … else if (b) …`. */
const chained =
  /=[=>]*|[?<:]|\b(?:if|else|for|while|do|with|new|class|extends|function|namespace|module|yield|await|readonly)\b/g

export function mayNestTooDeeply(text: string): boolean {
  if (text.length <= BEARABLE) return false
  const chains = count(text, chained)
  if (chains > BEARABLE) return true
  if (chains + count(text, opening) <= BEARABLE) return false
  return chains + depth(text) > BEARABLE
}

/** Counts to one more than matters: a text of many megabytes is not read to its end. */
function count(text: string, pattern: RegExp): number {
  let found = 0
  pattern.lastIndex = 0
  while (found <= BEARABLE && pattern.test(text)) found++
  return found
}
