// Which files are pictures to everybody. The inbox page has this file in its bundle: it imports nothing.

/** What chats and browsers show in place: SVG is drawn by the relay first, and could hold a page of its own. */
export const SHOWN_IMAGES: ReadonlySet<string> = new Set([
  'image/png',
  'image/jpeg',
  'image/gif',
  'image/webp',
])
