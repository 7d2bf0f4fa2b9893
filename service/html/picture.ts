// A picture of HTML: a part of its own if the HTML holds it, else its address or its words. Nothing
// is fetched.
import { isAnimated } from './animation.ts'
import { readDataAddress } from './data-address.ts'
import { isOnTheWeb } from './media.ts'
import type { HtmlPart } from './parts.ts'

export type Picture =
  | { type: 'held'; parts: HtmlPart[] }
  /** On the web. */
  | { type: 'address'; alt: string; address: string }
  /** Where the relay cannot read it. */
  | { type: 'elsewhere'; alt: string }

/** Undefined if there is nothing to show. */
export function pictureOf(attributes: ReadonlyMap<string, string>): Picture | undefined {
  if (!attributes.has('src') && !attributes.has('alt')) return undefined
  const alt = attributes.get('alt') ?? ''
  const address = attributes.get('src')?.trim() ?? ''
  const data = readDataAddress(address)
  if (data?.type.startsWith('image/') === true && data.bytes.byteLength > 0) {
    const part: HtmlPart =
      data.type === 'image/svg+xml'
        ? { type: 'svg', svg: Buffer.from(data.bytes).toString('utf8') }
        : { type: 'picture', bytes: data.bytes, alt }
    return { type: 'held', parts: isAnimated(attributes) ? [part, FIRST_FRAME] : [part] }
  }
  if (isOnTheWeb(address)) return { type: 'address', alt, address }
  return { type: 'elsewhere', alt }
}

const FIRST_FRAME: HtmlPart = {
  type: 'notice',
  text: 'The first frame of an animation; see the notebook',
}
