// What a post says about outputs that it does not show as they are.
import document from '../../../post/contract/limits.json' with { type: 'json' }
import { isOnlyName } from '../../../post/text/object-name.ts'

const { named } = document.capture

/** What is left out, in words; of very much, the first things. */
export function leftOutText(leftOut: readonly string[]): string {
  const more = leftOut.length - named
  const shown = more > 0 ? [...leftOut.slice(0, named), `${more} more`] : leftOut
  return `Left out: ${shown.join('; ')}`
}

/** Whether a text/plain is more than a name like `<Figure>`. */
export function hasWords(text: string): boolean {
  return text.trim() !== '' && !isOnlyName(text)
}
