// Text inside markup, in elements and in quoted attributes.
import { String } from './primordials.ts'

/** As JavaScript makes text of any value: a URL may be an attribute. */
export const textOf: (value: unknown) => string = String

export function escapeText(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
}
