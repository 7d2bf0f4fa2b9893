// The parts that the relay makes of HTML, in its order. Pictures and other files are still as they
// were in it.
import type { Block } from '../../post/contract/schema.ts'

export type HtmlPart =
  | Extract<Block, { type: 'markdown' | 'table' | 'notice' | 'latex' }>
  | { type: 'svg'; svg: string }
  | { type: 'picture'; bytes: Uint8Array; alt: string }
  | { type: 'attached'; stem: 'audio' | 'video' | 'page' | 'file'; bytes: Uint8Array }
  /** A specification as JSON, which has the `$schema` of its language. */
  | { type: 'plot'; language: 'vega' | 'vega-lite'; spec: string }
