// What `import { ... } from 'jupyterpost'` gives, typed. Outside a notebook `post` goes to the
// relay by HTTP; the others say that they work only in a notebook.
export { cell } from './cell.ts'
export type { Cell } from './cell.ts'
export { Comm, comm } from './comm.ts'
export type { CommEvent, SendOptions } from './comm.ts'
export type { CellDocument, CellElement, CellNode, CellParent } from './document.ts'
export { clearOutput, display } from './display.ts'
export type { Display, DisplayHandle, DisplayOptions } from './display.ts'
export { StdinNotAllowedError } from '../protocol/stdin-not-allowed.ts'
export { alert, confirm, input, prompt } from './input.ts'
export type { Input } from './input.ts'
export { registerMagic } from './magic.ts'
export type {
  CellMagicArguments,
  MagicArguments,
  MagicDefinition,
  MagicFlag,
  MagicFlags,
} from './magic.ts'
export { PostError } from '../../../post/contract/error.ts'
export type { PostHandle } from '../../../post/api/index.ts'
export { post } from './post.ts'
export type {
  AskFunction,
  AskOptions,
  Attachment,
  ContentArguments,
  PostArguments,
  PostOptions,
  Progress,
  ProgressOptions,
  ProgressValue,
} from './post.ts'
