// The parts that the relay makes of HTML, in its order. Pictures are still as they were in it.
import type { Block } from '../../post/contract/schema.ts'

export type HtmlPart =
  | Extract<Block, { type: 'markdown' | 'table' | 'latex' }>
  | { type: 'svg'; svg: string }
  | { type: 'picture'; bytes: Uint8Array; alt: string }
