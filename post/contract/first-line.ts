// What a person reads first of what became of a post: `first-line.json`, which the Python package reads too. Loaded beside user code as well.
import words from './first-line.json' with { type: 'json' }
import { filled } from './filled.ts'
import type { Values } from './filled.ts'

export function firstLine(name: keyof typeof words, values: Values = {}): string {
  return filled(words[name], values)
}
