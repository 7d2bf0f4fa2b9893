// Who may be pinged by a post: the person's own MESSAGE may mention people, outputs may mention nobody, and nothing ever reaches
// everybody. Judged is what the chat shows: `\@all`, `&#64;all` and `@&#97;ll` ping as `@all` does (measured). A zero-width space after the
// `@` is what chat servers honour; in an address, which it would break, the `@` is written as `%40`.
import { isInvisible, isLetterOrDigit, shownAt } from './decode.ts'

const ZERO_WIDTH_SPACE = '\u200b'
/** Directly after the `@` either one mutes (measured). */
const MUTES = [ZERO_WIDTH_SPACE, '\u2060']
/** As beginnings: `@channels` loses nothing by it. */
const EVERYBODY = ['all', 'channel', 'here', 'everyone']
/** One more than the longest: what follows a word says whether it ends there. */
const LOOK_AHEAD = 1 + Math.max(...EVERYBODY.map((word) => word.length))
/** What ends an address as chats find one in a text. */
const ENDS_ADDRESS = new Set(' \t\n\r"<>|`()[]')

/** For outputs: no `@name` pings. Text in code fences needs none of this. Addresses (`bob@example.org`) stay whole. */
export function muteMentions(text: string): string {
  return mute(text, (after, inWord) => (isName(after) && !inWord) || isEverybody(after, inWord))
}

/** For the person's MESSAGE: `@all`, `@channel`, `@here` and `@everyone` ping nobody. */
export function muteBroadcasts(text: string): string {
  return mute(text, isEverybody)
}

/** For text that was cut: an `@` at its start stood within a word, where it mentioned nobody. */
export function muteStart(text: string): string {
  if (text === '') return text
  const { text: shown, end } = shownAt(text, 0)
  return shown === '@' ? `${text.slice(0, end)}${ZERO_WIDTH_SPACE}${text.slice(end)}` : text
}

/** @param pings - Whether an `@` is a mention that must not be one, by what is shown after it and whether it stands within a word. */
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

/** Index of the next `@` or of an entity that may be one. */
function nextCandidate(text: string, from: number): number {
  for (let at = from; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === 0x40 || code === 0x26) return at
  }
  return -1
}

/** What is shown after an `@`, without what is shown as nothing; '' if it is muted already. */
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

/** Within a word only as a whole: `ada@all` is muted, `ada@allianz.example` is an address. */
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
  /** Up to where it was looked at. */
  at: number
  /** Whether an address has begun in it. */
  isOne: boolean
}

/** Whether an address such as `https://medium.com/` leads up to this index; goes on from the last index that was asked. */
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
