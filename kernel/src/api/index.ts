// What `import { ... } from 'jupyterpost'` gives notebook code beside `post`; typed. Outside of a notebook a call says so.
export { cell } from './cell.ts'
export type { Cell } from './cell.ts'
export { Comm, comm } from './comm.ts'
export type { CommEvent, SendOptions } from './comm.ts'
export { clearOutput, display } from './display.ts'
export type { Display, DisplayHandle, DisplayOptions } from './display.ts'
export { StdinNotAllowedError, input, prompt } from './input.ts'
export type { Input } from './input.ts'
