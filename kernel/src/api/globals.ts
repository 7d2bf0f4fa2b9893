// The names every cell has as globals. Users may redeclare them; the kernel never relies on them.
import {
  alert,
  cell,
  clearOutput,
  comm,
  confirm,
  display,
  input,
  post,
  prompt,
  registerMagic,
} from './index.ts'

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
  registerMagic,
}
