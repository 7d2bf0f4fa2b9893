// What clients say of a post: below its cell, in its preview, and in a live post. The words are in
// `notices.json`, shared with Python. Also loaded beside user code.
import words from './notices.json' with { type: 'json' }
import { filled } from './filled.ts'
import type { Values } from './filled.ts'

export function noticeText(name: keyof typeof words, values: Values = {}): string {
  return filled(words[name], values)
}
