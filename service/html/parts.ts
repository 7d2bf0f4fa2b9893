// What the relay makes of HTML: pieces in its order. Pictures in it are still as they were written.
import type { Block } from '../../post/contract/schema.ts'

export type HtmlPart =
  | Extract<Block, { type: 'markdown' | 'table' }>
  | { type: 'svg'; svg: string }
  | { type: 'picture'; bytes: Uint8Array; alt: string }
