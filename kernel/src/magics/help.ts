// Help of a magic, `%post?`, as a mimebundle: made from its row of the table, so that it cannot tell another story.
import type { MimeBundle } from '../protocol/mimebundle.ts'
import { usageText } from '../../../post/arguments/usage.ts'
import type { MagicTable } from './magic.ts'

/**
 * Help for what stands in a cell or under the cursor: `%post`, `%%post`, `%post?`, `?%post`.
 *
 * @returns Undefined if that names no magic.
 */
export function magicHelp(table: MagicTable, text: string): MimeBundle | undefined {
  const name = /^\?{0,2}\s*%{1,2}([A-Za-z_]\w*)\s*\?{0,2}$/.exec(text.trim())?.[1]
  const magic = name === undefined ? undefined : table.get(name)
  if (magic === undefined) return undefined
  const parts = [magic.summary]
  if (magic.line !== undefined) parts.push(usageText(magic.line))
  if (magic.cell !== undefined) parts.push(usageText(magic.cell))
  return {
    'text/plain': parts.join('\n\n'),
    'text/markdown': [
      parts[0],
      ...parts.slice(1).map((part) => `\`\`\`text\n${part}\n\`\`\``),
    ].join('\n\n'),
  }
}
