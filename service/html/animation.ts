// matplotlib's animations as HTML (`to_jshtml`). The pictures are in a script, which puts one after
// the other into an `<img>` that has none.
import { isDataAddress } from './data-address.ts'

export interface Animation {
  /** The `id` of its `<img>`. */
  image: string
  /** The address of its first picture. */
  first: string
}

export function isAnimated(attributes: ReadonlyMap<string, string>): boolean {
  return attributes.get('id')?.startsWith('_anim_img') ?? false
}

/** The animation that a script plays; undefined if it plays none. */
export function animationOf(script: string): Animation | undefined {
  const image = between(script, 'var img_id = "', '"')
  const first = between(script, 'frames[0] = "', '"')?.replaceAll('\\\n', '')
  if (image === undefined || first === undefined || !isDataAddress(first)) return undefined
  return { image, first }
}

function between(text: string, before: string, after: string): string | undefined {
  const found = text.indexOf(before)
  if (found === -1) return undefined
  const start = found + before.length
  const end = text.indexOf(after, start)
  return end === -1 ? undefined : text.slice(start, end)
}
