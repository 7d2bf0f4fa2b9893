// The names every cell has as globals. Users may declare them anew; nothing of the kernel relies on the globals.
import { alert, cell, clearOutput, comm, confirm, display, input, post, prompt } from './index.ts'

export const names: Readonly<Record<string, unknown>> = {
  alert,
  cell,
  clearOutput,
  comm,
  confirm,
  display,
  input,
  post,
  prompt,
}
