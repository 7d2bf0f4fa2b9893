// Which files everybody shows as pictures. This file is in the inbox page's bundle, so it imports
// nothing.

/**
 * What chats and browsers show in place. SVG is not in the list: the relay draws it first, because
 * it could contain a page of its own.
 */
export const SHOWN_IMAGES: ReadonlySet<string> = new Set([
  'image/png',
  'image/jpeg',
  'image/gif',
  'image/webp',
])
