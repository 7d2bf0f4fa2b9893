// The lines that tell what became of a post: `first-line.json`, which the Python package reads too.
// This file is also loaded beside user code.
import words from './first-line.json' with { type: 'json' }
import { filled } from './filled.ts'
import type { Values } from './filled.ts'

export function firstLine(name: keyof typeof words, values: Values = {}): string {
  return filled(words[name], values)
}
