// Sounds, films and pages inside HTML: a file if the HTML holds it, else an address.
import { readDataAddress } from './data-address.ts'
import { isElement } from './tree.ts'
import type { HtmlElement } from './tree.ts'

export type Media =
  | { type: 'attached'; stem: 'audio' | 'video' | 'page' | 'file'; bytes: Uint8Array }
  /** On the web, to be followed by whoever wants to. */
  | { type: 'address'; words: string; address: string }
  /** A file beside the notebook, where the relay cannot read it. */
  | { type: 'elsewhere'; what: string }

const KINDS: Readonly<Record<string, readonly [stem: 'audio' | 'video' | 'page', what: string]>> = {
  audio: ['audio', 'Audio'],
  video: ['video', 'Video'],
  iframe: ['page', 'Page'],
}
/** Any other scheme leads nowhere outside the notebook's page. */
const SCHEME = /^[a-z][a-z\d+.-]*:/i
const LONGEST_NAME = 200

export function isMedia(name: string): boolean {
  return ['audio', 'video', 'iframe', 'embed', 'object'].includes(name)
}

/** Whether an address leads to the web, and can be written as a link in markdown. */
export function isOnTheWeb(address: string): boolean {
  return /^https?:\/\/[^\s<>]+$/i.test(address)
}

/** Undefined if there is nothing to show. */
export function mediaOf(node: HtmlElement): Media | undefined {
  const [stem, what] = Object.hasOwn(KINDS, node.name)
    ? (KINDS[node.name] ?? ['file', 'File'])
    : (['file', 'File'] as const)
  const page = node.name === 'iframe' ? node.attributes.get('srcdoc') : undefined
  if (page !== undefined) return { type: 'attached', stem: 'page', bytes: Buffer.from(page) }
  const address = addressOf(node)
  const data = readDataAddress(address)
  if (data) {
    if (data.bytes.byteLength === 0) return undefined
    const isPage = data.type === 'text/html'
    return {
      type: 'attached',
      stem: isPage ? 'page' : stem === 'page' ? 'file' : stem,
      bytes: data.bytes,
    }
  }
  if (isOnTheWeb(address)) {
    const words = stem === 'audio' || stem === 'video' ? `${what}: ` : ''
    return { type: 'address', words, address: watched(address) }
  }
  if (address === '' || SCHEME.test(address)) return undefined
  // Not cut: a part of a secret would not be masked.
  return { type: 'elsewhere', what: address.length > LONGEST_NAME ? what : `${what} ${address}` }
}

/** The first of several sources of one sound or film. */
function addressOf({ name, attributes, children }: HtmlElement): string {
  const own = attributes.get(name === 'object' ? 'data' : 'src')
  const sources = children.map((child) =>
    isElement(child) ? child.attributes.get('src') : undefined,
  )
  return (
    [own, ...sources].map((address) => address?.trim() ?? '').find((address) => address !== '') ??
    ''
  )
}

/** Players inside a page have addresses of their own; chats know the address of the film. */
const PLAYERS = [
  ['https://www.youtube.com/embed/', 'https://www.youtube.com/watch?v='],
  ['https://www.youtube-nocookie.com/embed/', 'https://www.youtube.com/watch?v='],
  ['https://player.vimeo.com/video/', 'https://vimeo.com/'],
] as const

function watched(address: string): string {
  for (const [player, film] of PLAYERS) {
    if (!address.startsWith(player)) continue
    const [id = '', query] = address.slice(player.length).split('?')
    if (query === undefined) return film + id
    return `${film}${id}${film.includes('?') ? '&' : '?'}${query}`
  }
  return address
}
