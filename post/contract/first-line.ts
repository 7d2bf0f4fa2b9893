// The line that tells first what became of a post. The words are in `first-line.json`, shared with
// Python. Also loaded beside user code.
import words from './first-line.json' with { type: 'json' }
import { filled } from './filled.ts'
import type { Values } from './filled.ts'

export function firstLine(name: keyof typeof words, values: Values = {}): string {
  return filled(words[name], values)
}
