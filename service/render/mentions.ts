// Whom a post may ping: the person's own MESSAGE may mention people, outputs nobody, and nothing
// ever pings everybody. We judge what the chat shows: `\@all`, `&#64;all` and `@&#97;ll` ping like
// `@all` (measured). Chat servers respect a zero-width space after the `@`; in an address, which it
// would break, the `@` becomes `%40`.
import { isInvisible, isLetterOrDigit, shownAt } from './decode.ts'

const ZERO_WIDTH_SPACE = '\u200b'
/** Directly after the `@`, either one mutes (measured). */
const MUTES = [ZERO_WIDTH_SPACE, '\u2060']
/** Matched as beginnings: that does no harm to `@channels`. */
const EVERYBODY = ['all', 'channel', 'here', 'everyone']
/** One more than the longest: the next character tells whether the word ends. */
const LOOK_AHEAD = 1 + Math.max(...EVERYBODY.map((word) => word.length))
/** What ends an address for a chat that searches a text for addresses. */
const ENDS_ADDRESS = new Set(' \t\n\r"<>|`()[]')

/** For outputs: no `@name` pings. Not needed in code fences. Mail addresses stay whole. */
export function muteMentions(text: string): string {
  return mute(text, (after, inWord) => (isName(after) && !inWord) || isEverybody(after, inWord))
}

/** For the person's MESSAGE: `@all`, `@channel`, `@here` and `@everyone` ping nobody. */
export function muteBroadcasts(text: string): string {
  return mute(text, isEverybody)
}

/** For text that was cut: an `@` at its start was inside a word before and mentioned nobody. */
export function muteStart(text: string): string {
  if (text === '') return text
  const { text: shown, end } = shownAt(text, 0)
  return shown === '@' ? `${text.slice(0, end)}${ZERO_WIDTH_SPACE}${text.slice(end)}` : text
}

/** @param pings - Must the `@` be muted, given what is shown after it and if it is in a word? */
function mute(text: string, pings: (after: string, inWord: boolean) => boolean): string {
  let muted = ''
  let copied = 0
  let address = { start: 0, at: 0, isOne: false }
  for (let at = nextCandidate(text, 0); at !== -1; at = nextCandidate(text, at + 1)) {
    const { text: shown, end } = shownAt(text, at)
    if (shown !== '@') continue
    const inWord = at > 0 && isLetterOrDigit(text.charCodeAt(at - 1))
    if (!pings(shownAfter(text, end), inWord)) continue
    address = addressBefore(text, at, address)
    muted += address.isOne
      ? `${text.slice(copied, at)}%40`
      : `${text.slice(copied, end)}${ZERO_WIDTH_SPACE}`
    copied = end
  }
  return muted + text.slice(copied)
}

/** Index of the next `@`, or of an entity that may be one. */
function nextCandidate(text: string, from: number): number {
  for (let at = from; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === 0x40 || code === 0x26) return at
  }
  return -1
}

/** What is shown after an `@`, without invisible characters; '' if it is already muted. */
function shownAfter(text: string, from: number): string {
  let shown = ''
  for (let at = from; at < text.length && shown.length < LOOK_AHEAD;) {
    const next = shownAt(text, at)
    if (at === from && MUTES.includes(next.text)) return ''
    if (!isInvisible(next.text)) shown += next.text
    if (/^\s/.test(next.text)) break
    at = next.end
  }
  return shown
}

/** Inside a word only the whole word counts: `ada@all` yes, `ada@allianz.example` no. */
function isEverybody(after: string, inWord: boolean): boolean {
  const word = after.toLowerCase()
  return EVERYBODY.some(
    (name) => word.startsWith(name) && !(inWord && /^[\p{L}\p{N}]/u.test(word.slice(name.length))),
  )
}

function isName(after: string): boolean {
  return /^[\p{L}\p{N}_.-]/u.test(after)
}

interface Address {
  /** Where the word began. */
  start: number
  /** The index up to which it was searched. */
  at: number
  /** Whether it contains the beginning of an address. */
  isOne: boolean
}

/** Whether an address such as `https://medium.com/` leads up to `at`; goes on from `last`. */
function addressBefore(text: string, at: number, last: Address): Address {
  let { start, isOne } = last
  for (let index = last.at; index < at; index++) {
    if (ENDS_ADDRESS.has(text[index] ?? '')) {
      start = index + 1
      isOne = false
    } else if (text[index] === ':' && index > start && text.startsWith('//', index + 1))
      isOne = true
  }
  return { start, at, isOne }
}
