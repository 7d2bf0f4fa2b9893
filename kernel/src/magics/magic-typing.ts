// Completion and help of magics while a person types: first the names after `%`, then what each
// magic completes itself.
import { flagsNamed, lastWord } from './flag-names.ts'
import { magicHelp } from './help.ts'
import type { MagicTable } from './magic.ts'
import type { MimeBundle } from '../protocol/mimebundle.ts'
import type { Completion } from '../runtime/runtime.ts'

/** Undefined if the cursor is not in a magic's line. */
export async function completeMagic(
  magics: MagicTable,
  code: string,
  cursor: number,
): Promise<Completion | undefined> {
  const before = lineBefore(code, cursor).replace(/^\s*! /, '%sh ')
  const [, marks, name, blank, rest = ''] =
    /^\s*(%{1,2})((?:[\p{L}_][\p{L}\p{N}_-]*)?)(\s+(.*))?$/su.exec(before) ?? []
  if (marks === undefined || name === undefined) return undefined
  const kind = marks === '%' ? 'line' : 'cell'
  if (blank === undefined) {
    const names = [...magics.values()].filter((magic) => magic[kind]).map((magic) => magic.name)
    const found = names.filter((other) => other.startsWith(name))
    return completion(found, 'magic', cursor - name.length, cursor)
  }
  const magic = magics.get(name)
  const { flags } = magic?.[kind] ?? {}
  if (!magic || !flags) return undefined
  const word = lastWord(rest)
  const line = kind === 'line' ? magic.line : undefined
  // The code of a line is completed as code.
  if (line && 'isCode' in line && !word.startsWith('-')) return undefined
  const offered = magic.complete ? await magic.complete(rest, kind) : flagsNamed(word, flags)
  return completion(offered, 'text', cursor - word.length, cursor)
}

/** Undefined if the cursor is not on a magic's name. */
export function inspectMagic(
  magics: MagicTable,
  code: string,
  cursor: number,
): MimeBundle | undefined {
  const before = lineBefore(code, cursor)
  if (!/^\s*\??%{1,2}[\p{L}\p{N}_-]*$/u.test(before)) return undefined
  const rest = /^[\p{L}\p{N}_-]*/u.exec(code.slice(cursor))?.[0] ?? ''
  return magicHelp(magics, before + rest)
}

function lineBefore(code: string, cursor: number): string {
  return code.slice(Math.max(code.lastIndexOf('\n', cursor - 1), -1) + 1, cursor)
}

function completion(texts: string[], type: string, start: number, end: number): Completion {
  return { matches: texts.map((text) => ({ text, type })), start, end }
}
