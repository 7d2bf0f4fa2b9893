// What stands before the outputs of a posted cell: TITLE, and with `--input` its source.
import type { Parsed } from '../../../post/arguments/parser.ts'
import type { Block } from '../../../post/contract/schema.ts'
import type { CellMagicContext } from '../magics/magic.ts'

/** @param title - Filled in; undefined: none. */
export function headBlocks(title: string | undefined, parsed: Parsed, body: string): Block[] {
  const blocks: Block[] = title === undefined ? [] : [{ type: 'message', text: title }]
  if (parsed.flags.has('input'))
    blocks.push({ type: 'code', text: body.trimEnd(), language: 'typescript' })
  return blocks
}

export interface FilledTitle {
  text: string | undefined
  /** Why it stands as typed. */
  unfilled?: { error: unknown }
}

/** What TITLE names may never have been made, by a cell that failed, or be gone with the runtime: then it stands as it was typed. */
export async function filledTitle(
  title: string | undefined,
  { interpolate }: Pick<CellMagicContext, 'interpolate'>,
): Promise<FilledTitle> {
  if (title === undefined) return { text: undefined }
  try {
    return { text: await interpolate(title) }
  } catch (error) {
    return { text: title, unfilled: { error } }
  }
}
