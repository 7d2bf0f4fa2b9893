// The names every cell has without an import. Users may declare them anew; nothing of the kernel relies on the globals.
import { cell } from './cell.ts'
import { comm } from './comm.ts'
import { clearOutput, display } from './display.ts'
import { input, prompt } from './input.ts'
import { post } from './post.ts'

export const names: Readonly<Record<string, unknown>> = {
  cell,
  clearOutput,
  comm,
  display,
  input,
  post,
  prompt,
}
