// Plain text inside markdown, shown as it is: names, table cells, notices.

const URL_IN_TEXT = /(https?:\/\/[^\s<>|]+)/
const SPECIAL = /[\\`*[\]>~|]/g
/** Mattermost's web client knows no `\<` but every entity, so text that looks like one is no entity either. */
const ENTITY = /&(?=#?\w+;)/g
/** An underscore inside a word is text in every dialect we speak; at its border it would be emphasis. */
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

/** Removes what no chat stores: NUL (Mattermost answers 500 to it). A CR ends a line in markdown, so it becomes one end of a line. */
export function cleanText(text: string): string {
  return text.replaceAll('\0', '').replace(/\r\n?/g, '\n')
}
