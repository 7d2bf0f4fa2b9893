// The help of a magic, `%post?`, as a mimebundle. It is made from the magic's row in the table, so
// it is always true.
import type { MimeBundle } from '../protocol/mimebundle.ts'
import { usageText } from '../../../post/arguments/usage.ts'
import type { MagicTable } from './magic.ts'

/**
 * Help for the text of a cell or the word at the cursor: `%post`, `%%post`, `%post?`, `?%post`.
 *
 * @returns Undefined if the text does not name a magic.
 */
export function magicHelp(table: MagicTable, text: string): MimeBundle | undefined {
  const name = /^\?{0,2}\s*%{1,2}([\p{L}_][\p{L}\p{N}_-]*)\s*\?{0,2}$/u.exec(text.trim())?.[1]
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
