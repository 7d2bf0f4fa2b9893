// Characters that HTML writes as entities.
import { decodeHTML } from 'entities'

/** As a browser reads them. */
export function decodeEntities(text: string): string {
  return decodeHTML(text)
}
