// The table of secret shapes as the Python package ships it, made from the one in `post/`, so that
// there is only one. Run by itself it writes the file anew.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { format } from 'prettier'
import { SECRET_SHAPES, START } from '../../../post/secrets/shapes.ts'

export const SHAPES_FILE = join(
  import.meta.dirname,
  '../../../python/jupyterpost/posting/secret_shapes.json',
)

/** `word`: it must start where a word starts, which Python's patterns cannot say. */
export async function shapesText(): Promise<string> {
  const shapes = SECRET_SHAPES.map(({ kind, hints, pattern, inline = false }) => {
    const word = pattern.source.startsWith(START)
    const source = word ? pattern.source.slice(START.length) : pattern.source
    const named = source.replaceAll(/\(\?<(?![=!])/g, '(?P<')
    return { kind, hints, pattern: named, ignoreCase: pattern.ignoreCase, word, inline }
  })
  return format(JSON.stringify(shapes), { parser: 'json', printWidth: 100 })
}

if (import.meta.main) writeFileSync(SHAPES_FILE, await shapesText())
