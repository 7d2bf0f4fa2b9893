// Plain text inside markdown, to be shown as it is: names, table cells, notices.

const URL_IN_TEXT = /(https?:\/\/[^\s<>|]+)/
const SPECIAL = /[\\`*[\]>~|]/g
/** Mattermost's web client knows every entity but not `\<`: so escape what looks like an entity. */
const ENTITY = /&(?=#?\w+;)/g
/** An underscore inside a word is text in each of our dialects; at its border it is emphasis. */
const BORDER_UNDERSCORE = /(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/gu

/** One line of text as markdown; line breaks become spaces, addresses stay links. */
export function escapeInline(text: string): string {
  return text
    .replace(/(?<!\s)\s*[\r\n]+\s*/g, ' ')
    .split(URL_IN_TEXT)
    .map((part, index) => (index % 2 === 1 ? part : escapePart(part)))
    .join('')
}

function escapePart(text: string): string {
  return text
    .replace(ENTITY, '&amp;')
    .replaceAll('<', '&lt;')
    .replace(SPECIAL, '\\$&')
    .replace(BORDER_UNDERSCORE, '\\_')
}

/** Removes NUL, which no chat stores (Mattermost answers 500); CR and CRLF become LF. */
export function cleanText(text: string): string {
  return text.replaceAll('\0', '').replace(/\r\n?/g, '\n')
}

/** At the start of a line, these would begin a list, a heading or a rule. */
const LINE_START = /^(?:[-+=]|#{1,6}(?=\s|$))/
const NUMBER_START = /^(\d{1,9})(?=[.)](?:\s|$))/

/** Lines of text as markdown: each stays a line, and none becomes a list or a heading. */
export function escapeLines(text: string): string {
  return text
    .split('\n')
    .map((line) => escapeInline(line.trim()))
    .map((line) => line.replace(LINE_START, '\\$&').replace(NUMBER_START, '$1\\'))
    .join('\n')
}
