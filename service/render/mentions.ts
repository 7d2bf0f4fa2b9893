// Who may be pinged by a post: the person's own MESSAGE may mention people, outputs may mention nobody, and nothing ever reaches
// everybody. A zero-width space after the `@` is what chat servers honour; `\@all` and `&#64;all` still ping (facts of Mattermost).

const ZERO_WIDTH_SPACE = '\u200b'
/** `@` itself, or an entity that markdown turns into one. */
const AT = String.raw`(?:@|&#0*64;|&#[xX]0*40;|&commat;)`

const ANY = new RegExp(String.raw`${AT}(?=[\p{L}\p{N}_.\-])`, 'giu')
/** Without a word boundary at the end: `@channels` loses nothing by it. */
const BROADCAST = new RegExp(String.raw`${AT}(?=(?:all|channel|here|everyone))`, 'giu')

/** For outputs: no `@name` pings. Text in code fences needs none of this. Addresses (`bob@example.org`) stay whole. */
export function muteMentions(text: string): string {
  const quiet = text.replace(ANY, (at, offset: number) =>
    at === '@' && /[A-Za-z0-9]/.test(text[offset - 1] ?? '') ? at : at + ZERO_WIDTH_SPACE,
  )
  return muteBroadcasts(quiet)
}

/** For the person's MESSAGE: `@all`, `@channel`, `@here` and `@everyone` ping nobody. */
export function muteBroadcasts(text: string): string {
  return text.replace(BROADCAST, (at) => at + ZERO_WIDTH_SPACE)
}
